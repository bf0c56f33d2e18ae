import type { RefusalWord } from '@claimlog/domain'

/** The stable words of errors, which scripts and programs go by. */
export type ErrorWord =
  | RefusalWord
  | 'io_failed'
  | 'outcome_unknown'
  | 'network_file_system'
  | 'closed'
  | 'log_damaged'
  | 'history_changed'
  | 'unknown_format'
  | 'lock_timeout'
  | 'wait_timeout'
  | 'interrupted'

/** The stable words of the errors that only the command line knows. */
type CliWord =
  'internal' | 'usage' | 'queue_differs' | 'checkpoint_differs' | 'not_set_up' | 'task_failed' | 'task_cancelled'

/** Every word that an answer can have as its `error`. */
export type CliErrorWord = ErrorWord | CliWord

/** Ended by SIGINT: 128 and the signal's number. */
export const interrupted = 130

/** Ended as nobody reads what it prints any more: 128 and the number of SIGPIPE. */
export const brokenPipe = 141

/** The exit code of each error word. Exhaustive: a word without one does not compile. */
export const exitCodes = {
  io_failed: 1,
  outcome_unknown: 1,
  internal: 1,
  closed: 1,
  usage: 2,
  no_workspace: 2,
  bad_input: 2,
  network_file_system: 2,
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
  interrupted,
} as const satisfies Readonly<Record<CliErrorWord, number>>

export type ExitCode = 0 | typeof brokenPipe | (typeof exitCodes)[CliErrorWord]

/** What each exit code means. Exhaustive, as the codes are. */
export const exitMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'a defect of ours, or the disk',
  2: 'wrong usage, no workspace, bad input',
  3: 'nothing to claim now',
  4: 'not yours (any more)',
  5: 'no such task',
  6: 'the state says no',
  7: 'the log is damaged or was replaced, with line number and byte offset',
  8: 'waited as long as asked',
  9: 'a task that was waited for, or run by work, has failed for good',
  10: 'a task that was waited for, or run by work, was cancelled',
  [interrupted]: 'interrupted',
  [brokenPipe]: 'work: nobody reads what it prints any more; its tasks were given back',
}
