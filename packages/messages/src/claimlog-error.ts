import type { Refusal } from '@claimlog/domain'
import { type Failure, failureWords } from './failure-words.ts'
import { refusalWords } from './refusal-words.ts'
import type { ErrorWord } from '@claimlog/wire'

/** Why something asked of a queue was not done: the domain's no, or what came in between, as data. */
export type QueueFailure = Refusal | Failure

/**
 * Thrown where something asked of a queue was not done. `error` is the stable word to go by, `message` says what happened
 * and why, `hint` what to do next, `data` holds what explains it, and `cause` the refusal or the failure itself.
 *
 * ```ts
 * try {
 *   await queue.complete({ worker, taskId, token })
 * } catch (thrown) {
 *   if (ClaimlogError.is(thrown, 'lease_lost')) return drop(thrown.data)
 *   throw thrown
 * }
 * ```
 */
export class ClaimlogError<W extends ErrorWord = ErrorWord> extends Error {
  override readonly name = 'ClaimlogError'
  /** What went wrong, as one of the words that the command line has in `error`. */
  readonly error: W
  /** What to do next. */
  readonly hint: string
  /** What explains it, in the spelling of files: as the command line prints it beside the message. */
  readonly data: Readonly<Record<string, unknown>>
  override readonly cause: QueueFailure

  constructor(failure: QueueFailure) {
    const { error, message, hint, data = {} } = 'error' in failure ? refusalWords(failure) : failureWords(failure)
    super(message)
    this.error = error as W
    this.hint = hint
    this.data = data
    this.cause = failure
  }

  /** Whether something that was thrown is such an error, with one of `words` where any are given. */
  static is<W extends ErrorWord = ErrorWord>(thrown: unknown, ...words: ReadonlyArray<W>): thrown is ClaimlogError<W> {
    return thrown instanceof ClaimlogError && (words.length === 0 || words.includes(thrown.error as W))
  }
}
