import type { RefusalCode } from '@claimlog/domain'

/** The stable error codes, for scripts and programs. */
export type ErrorCode =
  | RefusalCode
  | 'io_failed'
  | 'outcome_unknown'
  | 'log_unreachable'
  | 'workspace_moved'
  | 'network_file_system'
  | 'two_logs'
  | 'closed'
  | 'usage'
  | 'log_damaged'
  | 'history_changed'
  | 'unknown_format'
  | 'lock_timeout'
  | 'wait_timeout'
  | 'interrupted'

/** The error codes that only the command line has. */
type CliOnlyErrorCode =
  'internal' | 'queue_differs' | 'checkpoint_differs' | 'not_set_up' | 'task_failed' | 'task_cancelled'

/** Every value that the field `error` can have. */
export type CliErrorCode = ErrorCode | CliOnlyErrorCode

/** The exit code after SIGINT: 128 plus the signal number. */
export const interruptedExitCode = 130

/** The exit code if the reader of the output is gone: 128 plus the number of SIGPIPE. */
export const brokenPipeExitCode = 141

/** The exit code of each error code. Exhaustive: an error code without one does not compile. */
export const exitCodes = {
  io_failed: 1,
  outcome_unknown: 1,
  log_unreachable: 1,
  internal: 1,
  closed: 1,
  usage: 2,
  no_workspace: 2,
  bad_input: 2,
  network_file_system: 2,
  two_logs: 2,
  no_ready_task: 3,
  lease_lost: 4,
  not_holder: 4,
  not_claimed: 4,
  unknown_task: 5,
  task_exists: 6,
  task_finished: 6,
  task_held: 6,
  task_blocked: 6,
  not_due: 6,
  attempts_used_up: 6,
  kind_paused: 6,
  kind_full: 6,
  already_claimed: 6,
  needs_cycle: 6,
  request_reused: 6,
  seq_conflict: 6,
  workspace_moved: 6,
  queue_differs: 6,
  checkpoint_differs: 6,
  not_set_up: 6,
  log_damaged: 7,
  history_changed: 7,
  unknown_format: 7,
  lock_timeout: 8,
  wait_timeout: 8,
  task_failed: 9,
  task_cancelled: 10,
  interrupted: interruptedExitCode,
} as const satisfies Readonly<Record<CliErrorCode, number>>

export type ExitCode = 0 | typeof brokenPipeExitCode | (typeof exitCodes)[CliErrorCode]

/** The meaning of each exit code. Exhaustive. */
export const exitCodeDescriptions: Readonly<Record<ExitCode, string>> = {
  0: 'success',
  1: 'a bug in claimlog, an I/O failure, or a log on a server that cannot be reached',
  2: 'wrong usage, no workspace, bad input',
  3: 'nothing to claim now',
  4: 'the claim is not yours, or no longer',
  5: 'no such task',
  6: 'refused in the current state',
  7: 'the log is damaged or was replaced, with line number and byte offset',
  8: 'timed out waiting for the lock, or for tasks',
  9: 'a task that was waited for or run by work failed with no attempts left',
  10: 'a task that was waited for or run by work was cancelled',
  [interruptedExitCode]: 'interrupted',
  [brokenPipeExitCode]: 'work: the reader of its output is gone; its tasks were released',
}
