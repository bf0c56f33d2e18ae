/**
 * Failures of a log, as data; each surface has its own messages for them. Not to be mixed with a refusal, which is the
 * caller's own decision, or a defect, which throws. `path` is the file of the log, or the URL of a log on a server,
 * without its password.
 */

/**
 * The log does not end at the caller's `expectedSeq`: another process appended. Read the new events and decide again.
 */
export type SeqConflict = {
  readonly failure: 'SeqConflict'
  readonly expectedSeq: number
  readonly actualSeq: number
}

/**
 * A process that was seen with a lock. `command`: the name of its program. `readsOnly`: true if it has the file open
 * for reading only, which is enough to take a lock. undefined: the system does not say.
 */
export type LockHolder = {
  readonly pid: number
  readonly command: string | undefined
  readonly readsOnly: boolean | undefined
}

/**
 * The lock was not acquired before the deadline, or on a server the log kept growing until then. `holderPid` has it now, and `holders` are all processes that were seen
 * with it, if the system lists them. `changedHands`: other processes wrote meanwhile, so none kept the lock for that
 * long.
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
 * The known cause of a log's damage. `conflict_markers`: git merged two copies as text and left its markers.
 * `merged_histories`: the file has lines of two copies that diverged after a common line. `pointer`: git LFS or
 * git-annex put a reference in place of the log. `line_endings`: lines end in `\r\n`. `emptied`: the log has no events
 * any more.
 */
export type DamageCause = 'conflict_markers' | 'merged_histories' | 'pointer' | 'line_endings' | 'emptied'

/**
 * Line `line` (from 1), which in a file starts at byte `offset`, is not what was written there. Nothing was changed.
 */
export type LogDamaged = {
  readonly failure: 'LogDamaged'
  readonly path: string
  readonly line: number
  readonly offset?: number
  readonly detail: string
  /** undefined: not known. */
  readonly cause?: DamageCause
}

/**
 * The history that this process has read or written is no longer in the log: line `line`, which in a file started at
 * byte `offset`, is missing or different. The log itself may be sound: an older copy was restored, it was replaced, or
 * a replica that had not received its last events took over from its server.
 */
export type HistoryChanged = {
  readonly failure: 'HistoryChanged'
  readonly path: string
  readonly line: number
  readonly offset?: number
  readonly detail: string
}

/** The log was closed before the decision was made: nothing was written. */
export type Closed = { readonly failure: 'Closed' }

/** The line is sound, but only a newer version understands it. */
export type UnknownFormat = {
  readonly failure: 'UnknownFormat'
  readonly path: string
  readonly line: number
  readonly offset?: number
  readonly detail: string
}

/**
 * The error of the system call that failed, with its stack: for programmers, and for no message. {@link withSystemError}
 * sets it.
 */
export type HasSystemError = { readonly systemError?: Error }

/**
 * Adds the error of a system call to a failure. The property is not enumerable: failures are data, which is compared,
 * copied and printed as JSON, and the same error has another stack in each call.
 */
export const withSystemError = <F extends { readonly failure: string }>(failure: F, thrown: unknown): F =>
  Object.defineProperty(failure, 'systemError', { value: thrown })

/**
 * The server of the log did not answer until the deadline, or does not accept this client. Nothing was written, and the
 * log can be used again at any time. `code`: the system's or the server's name for the error.
 */
export type Unreachable = HasSystemError & {
  readonly failure: 'Unreachable'
  readonly path: string
  readonly code: string | undefined
  readonly detail: string
  readonly waitedMs: number
}

/** The log was moved and accepts no more events. `target`: the log that continues it, if known. */
export type Moved = { readonly failure: 'Moved'; readonly path: string; readonly target: string | undefined }

/** There is no log at `path`. */
export type NoLog = HasSystemError & {
  readonly failure: 'NoLog'
  readonly path: string
  /** This process had it open: it has been deleted or moved since. */
  readonly wasOpen?: true
}

/**
 * A system call or a statement failed, and nothing was appended. `code` is the name of the error: `ENOSPC` of the
 * system, `53100` of PostgreSQL.
 */
export type IoFailed = HasSystemError & {
  readonly failure: 'IoFailed'
  readonly path: string
  readonly operation: string
  readonly code: string
  readonly detail: string
  /** The target of `path` if it is a symbolic link, which was not followed. */
  readonly linkTarget?: string
}

/**
 * The events were written, but it is not known if they will last. In a file, syncing failed, which is final for this
 * log object: the system may have dropped the pages that it could not write, and a second fsync can succeed falsely. On
 * a server, the answer was lost and no later one came in time; `isUsable`: the log can be used on, and what it contains
 * then shows the outcome.
 */
export type OutcomeUnknown = HasSystemError & {
  readonly failure: 'OutcomeUnknown'
  readonly path: string
  readonly operation: string
  readonly detail: string
  readonly isUsable?: true
}

/** An event is larger than the maximum size of a line; nothing was appended. */
export type TooLarge = { readonly failure: 'TooLarge'; readonly bytes: number; readonly maxBytes: number }

/** The directory is on a network file system, whose locks and caches guarantee less than a log requires. */
export type NetworkFileSystem = {
  readonly failure: 'NetworkFileSystem'
  readonly path: string
  readonly fileSystem: string
}

/** A failure to read a log. */
export type ReadFailure = LogDamaged | HistoryChanged | UnknownFormat | NoLog | IoFailed | Unreachable | Closed
/** A failure to decide on a log or to write the decision. */
export type TransactFailure = ReadFailure | LockTimeout | Moved | OutcomeUnknown | TooLarge
/** A failure to append events at an expected seq. */
export type AppendFailure = TransactFailure | SeqConflict
/** Any failure of a log. */
export type LogFailure = AppendFailure
