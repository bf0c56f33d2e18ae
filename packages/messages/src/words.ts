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

/** An error in words: what happened and why, what to do next, and the data that explains it. */
export type Words<W extends string = ErrorWord> = {
  readonly error: W
  readonly message: string
  readonly hint: string
  readonly data?: Readonly<Record<string, unknown>>
}
