import type { ErrorMessage } from './error-message.ts'

const resourceErrorCodes: ReadonlySet<string | undefined> = new Set([
  'EAGAIN',
  'EDQUOT',
  'EFBIG',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOSPC',
  'EROFS',
])

/**
 * True if a system call failed because the machine ran out of a resource or a limit was reached. Any call can fail this
 * way at any time, so such an error is a failure and not a defect, even if the caller did not handle it.
 */
export const isResourceError = (thrown: unknown): thrown is NodeJS.ErrnoException =>
  thrown instanceof Error && resourceErrorCodes.has((thrown as NodeJS.ErrnoException).code)

/** Describes such an error if the caller did not. Something may have been written before the error. */
export const resourceErrorMessage = ({ code, syscall, path, message }: NodeJS.ErrnoException): ErrorMessage => ({
  error: 'io_failed',
  message,
  hint: 'check the free resources of the machine and its limits (ulimit -a); claimlog tail shows if anything was written',
  data: { path, operation: syscall, code },
})
