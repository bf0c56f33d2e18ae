import type { IoFailed, NoLog } from '@claimlog/event-log'

/** What a system call threw, as data. Anything without an error code is a defect and is thrown on. */
export const ioFailed = (path: string, operation: string, thrown: unknown): IoFailed => {
  const { code, message } = thrown as NodeJS.ErrnoException
  if (typeof code !== 'string') throw thrown
  return { failure: 'IoFailed', path, operation, code, detail: message }
}

/** Like {@link ioFailed}, where a missing file means that there is no log. */
export const openFailed = (path: string, thrown: unknown): IoFailed | NoLog => {
  const { code } = thrown as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR' ? { failure: 'NoLog', path } : ioFailed(path, 'open', thrown)
}
