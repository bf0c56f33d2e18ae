/**
 * What the world can do to a log, as data; each surface puts it into words. Never mixed with a refusal, the caller's own
 * no, nor with a defect, which throws.
 */

/** The log does not end where the caller decided: somebody else appended. Read on and decide again. */
export type SeqConflict = {
  readonly failure: 'SeqConflict'
  readonly expectedSeq: number
  readonly actualSeq: number
}

/**
 * A process that was seen with a lock. `command`: the name of its program; `readsOnly`: whether it has the file open for
 * reading only, as taking a lock needs no more. undefined: the system does not tell.
 */
export type LockHolder = {
  readonly pid: number
  readonly command: string | undefined
  readonly readsOnly: boolean | undefined
}

/**
 * The lock was not to be had until the deadline. `holderPid` has it now, `holders` are all that were seen with it, where the
 * system tells. `changedHands`: others wrote meanwhile, so that nobody kept it for as long as that.
 */
export type LockTimeout = {
  readonly failure: 'LockTimeout'
  readonly path: string
  readonly waitedMs: number
  readonly holderPid: number | undefined
  readonly holders: ReadonlyArray<LockHolder>
  readonly changedHands: boolean
}

/**
 * What is known of how a log came to be damaged. `conflict_markers`: git merged two copies as text and left its marks;
 * `merged_histories`: lines of two copies that went on from one line stand one after the other; `pointer`: git LFS or
 * git-annex put a reference in the log's place; `line_endings`: lines end in `\r\n`; `emptied`: it has no event any more.
 */
export type DamageCause = 'conflict_markers' | 'merged_histories' | 'pointer' | 'line_endings' | 'emptied'

/** Line `line` (from 1), which starts at byte `offset`, is not what the log says it wrote. Nothing was changed. */
export type LogDamaged = {
  readonly failure: 'LogDamaged'
  readonly path: string
  readonly line: number
  readonly offset: number
  readonly detail: string
  /** undefined: not known. */
  readonly cause?: DamageCause
}

/**
 * The history that this process has read or written is no longer in the file: line `line`, which started at byte
 * `offset`, is gone or another one. The file itself may be sound: it was put back to an earlier day, or replaced.
 */
export type HistoryChanged = {
  readonly failure: 'HistoryChanged'
  readonly path: string
  readonly line: number
  readonly offset: number
  readonly detail: string
}

/** The log was closed before this was decided: nothing was written. */
export type Closed = { readonly failure: 'Closed' }

/** The line is sound, but says what only a newer version understands. */
export type UnknownFormat = {
  readonly failure: 'UnknownFormat'
  readonly path: string
  readonly line: number
  readonly offset: number
  readonly detail: string
}

/** There is no log here. */
export type NoLog = {
  readonly failure: 'NoLog'
  readonly path: string
  /** This process had it open: it was deleted or moved since. */
  readonly wasOpen?: true
}

/** A system call failed, and nothing was appended. `code` as the system names it: `ENOSPC`. */
export type IoFailed = {
  readonly failure: 'IoFailed'
  readonly path: string
  readonly operation: string
  readonly code: string
  readonly detail: string
  /** Where `path` leads, if it is a symbolic link, which was not followed. */
  readonly linkTo?: string
}

/**
 * The events were written, and whether they will last is not known: syncing failed. Final for this log object, since
 * the system may have dropped what it could not write and a second try can succeed falsely.
 */
export type OutcomeUnknown = {
  readonly failure: 'OutcomeUnknown'
  readonly path: string
  readonly operation: string
  readonly detail: string
}

/** An event is larger than a line may be; nothing was appended. */
export type TooLarge = { readonly failure: 'TooLarge'; readonly bytes: number; readonly maxBytes: number }

/** The place is on a file system that other machines share: its locks and caches promise less than a log needs. */
export type NetworkFileSystem = {
  readonly failure: 'NetworkFileSystem'
  readonly path: string
  readonly fileSystem: string
}

/** Why a log cannot be read. */
export type ReadFailure = LogDamaged | HistoryChanged | UnknownFormat | NoLog | IoFailed | Closed
/** Why a decision could not be taken on a log, or written to it. */
export type TransactFailure = ReadFailure | LockTimeout | OutcomeUnknown | TooLarge
/** Why events could not be appended where they were meant to be. */
export type AppendFailure = TransactFailure | SeqConflict
/** Whatever a log answers instead of doing what it was asked. */
export type LogFailure = AppendFailure
