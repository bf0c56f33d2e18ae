import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { LockTimeout, OutcomeUnknown, ReadFailure } from './log-failure.ts'

/** The number and the hash of the last line of a log; `seq` 0: the log is empty. */
export type LastLine = { readonly seq: number; readonly hash: string }

/**
 * The state of a place that a log can be moved to:
 *
 * ```
 *   free ──start──► started ──addLines …──► the last line is the move to this place ──accept──► used
 *    ▲                                                                                            │
 *    └───────────────────────────────── it is moved elsewhere ────────────────────────────────────┘
 * ```
 *
 * `free`: its log is empty, or its last line says that it was moved elsewhere. `started`: its log accepts no events until
 * the move is complete. `used`: its log accepts events.
 */
export type MoveTargetState = {
  readonly phase: 'free' | 'started' | 'used'
  /** The id that the log has there; undefined: a log in a file has none. */
  readonly logId: string | undefined
  /** The last line that is there. */
  readonly end: LastLine
}

/** Why a step of a move failed at its target. */
export type MoveTargetFailure = ReadFailure | LockTimeout | OutcomeUnknown

/**
 * A place that gets the lines of a log which is moved there. Each step can be repeated, and does the same again: a move
 * that was interrupted is run again. {@link MoveTargetState} shows the order of the steps.
 */
export type MoveTarget = {
  /** The URL of the log without a password, or its absolute directory. */
  readonly target: string
  readonly read: TE.TaskEither<MoveTargetFailure, MoveTargetState>
  /** True if the log there has this line, and so everything before it. */
  readonly contains: (line: LastLine) => TE.TaskEither<MoveTargetFailure, boolean>
  /**
   * Makes the log there refuse events. A server gives it a new id, once: a move that was started keeps it. A log in use
   * stays as it is, and the state that is returned is `used`.
   */
  readonly start: TE.TaskEither<MoveTargetFailure, MoveTargetState>
  /** Adds the lines of whole decisions after line `end`. */
  readonly addLines: (end: LastLine, lines: ReadonlyArray<string>) => TE.TaskEither<MoveTargetFailure, LastLine>
  /** Makes the log accept events if `end` is its last line and moves it to this place. */
  readonly accept: (end: LastLine) => TE.TaskEither<MoveTargetFailure, void>
  readonly close: T.Task<void>
}
