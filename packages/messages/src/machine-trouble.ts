import type { Words } from './words.ts'

const codes: ReadonlySet<string | undefined> = new Set([
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
 * Whether the machine, or a limit on it, would not give what a system call asked for. Any call may meet that at any time, so
 * one that nothing was made of where it was called is still no defect.
 */
export const isMachineTrouble = (thrown: unknown): thrown is NodeJS.ErrnoException =>
  thrown instanceof Error && codes.has((thrown as NodeJS.ErrnoException).code)

/** What is said of trouble that nobody has words of his own for. It may have come after something was written. */
export const machineTroubleWords = ({ code, syscall, path, message }: NodeJS.ErrnoException): Words => ({
  error: 'io_failed',
  message,
  hint: 'see what the machine has left and what ulimit -a allows; claimlog tail shows whether anything was done',
  data: { path, operation: syscall, code },
})
