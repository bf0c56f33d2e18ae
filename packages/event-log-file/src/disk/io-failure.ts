import { readlinkSync } from 'node:fs'
import { type IoFailed, type NoLog, withSystemError } from '@claimlog/event-log'

/** Converts an error of a system call to data. Anything without an error code is a defect and is rethrown. */
export const toIoFailed = (path: string, operation: string, thrown: unknown): IoFailed => {
  const { code, errno, message } = thrown as NodeJS.ErrnoException
  if (isOutOfMemory(thrown))
    return withSystemError({ failure: 'IoFailed', path, operation, code: 'ENOMEM', detail: message }, thrown)
  if (typeof code !== 'string') throw thrown
  // Node knows the number of an exceeded disk quota, but not its name.
  const errorCode = errno === -122 ? 'EDQUOT' : code
  const detail = message.replace(/^UNKNOWN: /, `${errorCode}: `)
  const target = code === 'ELOOP' ? readLinkTarget(path) : undefined
  const failure: IoFailed = { failure: 'IoFailed', path, operation, code: errorCode, detail }
  return withSystemError(target === undefined ? failure : { ...failure, linkTarget: target }, thrown)
}

/** Like {@link toIoFailed}, but a missing file means that there is no log. */
export const toOpenFailure = (path: string, thrown: unknown): IoFailed | NoLog => {
  const { code } = thrown as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return withSystemError({ failure: 'NoLog', path }, thrown)
  return toIoFailed(path, 'open', thrown)
}

/** The target of a symbolic link; undefined: it is no longer a link, or a parent directory is. */
const readLinkTarget = (path: string): string | undefined => {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/** Node has no error code for a failed allocation of a buffer. */
const isOutOfMemory = (thrown: unknown): boolean =>
  thrown instanceof RangeError && /allocation failed/i.test(thrown.message)
