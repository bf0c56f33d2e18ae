import type { IoFailed, NoLog } from '@claimlog/event-log'

/** What a system call threw, as data. Anything without an error code is a defect and is thrown on. */
export const ioFailed = (path: string, operation: string, thrown: unknown): IoFailed => {
  const { code, errno, message } = thrown as NodeJS.ErrnoException
  if (isOutOfMemory(thrown)) return { failure: 'IoFailed', path, operation, code: 'ENOMEM', detail: message }
  if (typeof code !== 'string') throw thrown
  // Node knows the number of a disk quota that is used up, and not its name.
  const named = errno === -122 ? 'EDQUOT' : code
  return { failure: 'IoFailed', path, operation, code: named, detail: message.replace(/^UNKNOWN: /, `${named}: `) }
}

/** Runs `work`, of which nothing depends on whether the system can do it. A defect is thrown on. */
export const quietly = (work: () => void): void => {
  try {
    work()
  } catch (thrown) {
    if (typeof (thrown as NodeJS.ErrnoException).code !== 'string') throw thrown
  }
}

/** Like {@link ioFailed}, where a missing file means that there is no log. */
export const openFailed = (path: string, thrown: unknown): IoFailed | NoLog => {
  const { code } = thrown as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR' ? { failure: 'NoLog', path } : ioFailed(path, 'open', thrown)
}

/** Node has no code for a buffer that there is no memory for. */
const isOutOfMemory = (thrown: unknown): boolean =>
  thrown instanceof RangeError && /allocation failed/i.test(thrown.message)
