import type { Refusal } from '@claimlog/domain'
import { type Failure, failureMessage } from './failure-messages.ts'
import { refusalMessage } from './refusal-messages.ts'
import type { ErrorCode } from '@claimlog/wire'

/**
 * The reason why a call to a queue did not succeed, as data: a refusal by a rule, or a failure of lock, disk or
 * network.
 */
export type QueueFailure = Refusal | Failure

/**
 * Thrown if a call to a queue did not succeed. `error` is a stable code, `message` describes what happened and why,
 * `hint` what to do next, `data` has the details, and `cause` is the refusal or the failure itself.
 *
 * @example
 * ```ts
 * try {
 *   await queue.complete({ worker, taskId, token })
 * } catch (thrown) {
 *   if (ClaimlogError.is(thrown, 'lease_lost')) return drop(thrown.data)
 *   throw thrown
 * }
 * ```
 */
export class ClaimlogError<W extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'ClaimlogError'
  /** The error code: the same word that the command line prints in `error`. */
  readonly error: W
  /** The next step for the user. */
  readonly hint: string
  /** The details, in snake_case: the same fields that the command line prints next to the message. */
  readonly data: Readonly<Record<string, unknown>>
  override readonly cause: QueueFailure

  constructor(failure: QueueFailure) {
    const { error, message, hint, data = {} } = 'error' in failure ? refusalMessage(failure) : failureMessage(failure)
    super(message)
    this.error = error as W
    this.hint = hint
    this.data = data
    this.cause = failure
  }

  /** True if `thrown` is a ClaimlogError and, if codes are given, has one of them. */
  static is<W extends ErrorCode = ErrorCode>(thrown: unknown, ...codes: ReadonlyArray<W>): thrown is ClaimlogError<W> {
    return thrown instanceof ClaimlogError && (codes.length === 0 || codes.includes(thrown.error as W))
  }
}
