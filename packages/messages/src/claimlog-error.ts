import type { Refusal } from '@claimlog/domain'
import { type Failure, failureMessage } from './failure-messages.ts'
import { libraryHint } from './library-hints.ts'
import { refusalMessageForPrograms } from './refusal-messages.ts'
import type { ErrorCode } from '@claimlog/wire'

/**
 * The reason why a call to a queue did not succeed, as data: a refusal by a rule, or a failure of lock, disk or
 * network.
 */
export type QueueFailure = Refusal | Failure

const brand = Symbol.for('claimlog.ClaimlogError')

/**
 * Thrown if a call to a queue did not succeed. `error` is a stable code, `message` describes what happened and why,
 * `hint` what to do next, and `data` has the details. `failure` is the refusal or the failure itself; if a system call
 * failed, `cause` is its error.
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
  /** The next step: a method, an option, or a command if no method does the same. */
  readonly hint: string
  /** The details, in camelCase: the command line prints them in snake_case, next to the message. */
  readonly data: Readonly<Record<string, unknown>>
  /** The refusal or failure as data. */
  readonly failure: QueueFailure
  /** The error of the system call that failed, with its `code` and stack; undefined: no call failed. */
  declare readonly cause?: Error

  constructor(failure: QueueFailure) {
    const {
      error,
      message,
      hint,
      data = {},
    } = 'error' in failure ? refusalMessageForPrograms(failure) : failureMessage(failure)
    const cause = 'systemError' in failure ? failure.systemError : undefined
    super(message, cause === undefined ? {} : { cause })
    this.error = error as W
    this.hint = libraryHint(failure) ?? hint
    this.data = data
    this.failure = failure
  }

  /** @internal */
  get [brand](): true {
    return true
  }

  /**
   * True if `thrown` is a ClaimlogError and, if codes are given, has one of them. A program may have two copies of the
   * package, such as one for `import` and one for `require`: their errors are recognized, too, unlike by `instanceof`.
   */
  static is<W extends ErrorCode = ErrorCode>(thrown: unknown, ...codes: ReadonlyArray<W>): thrown is ClaimlogError<W> {
    try {
      const error = thrown as { readonly [brand]?: true; readonly error: W } | null | undefined
      return error?.[brand] === true && (codes.length === 0 || codes.includes(error.error))
    } catch {
      // A proxy, for example of a mock, can throw for any property.
      return false
    }
  }
}
