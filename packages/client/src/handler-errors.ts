import { ClaimlogError } from '@claimlog/messages'
import { any } from './arguments/check.ts'
import { checkCall } from './arguments/check-arguments.ts'
import { object } from './arguments/composite-check.ts'
import { signature } from './arguments/signatures.ts'

/** The errors of another copy of the package, which a handler may have imported, are recognized too. */
const brand = Symbol.for('claimlog.handlerError')

/** Thrown by a handler to fail its task with a given retry delay, or without a retry. */
export class FailTask extends Error {
  override readonly name = 'FailTask'
  /** The delay before the next attempt, in milliseconds; null: no retry; undefined: the backoff of the task. */
  readonly retryInMs: number | null | undefined

  /** Throws a `ClaimlogError` with `usage` for an unknown option. */
  constructor(...args: [message: string, options?: FailTaskOptions]) {
    const wrongUsage = checkCall('FailTask', failTaskSignature, args)
    if (wrongUsage !== undefined) throw new ClaimlogError(wrongUsage)
    const [message, { retryInMs, ...options } = {}] = args
    super(message, options)
    this.retryInMs = retryInMs
  }

  /** @internal */
  get [brand](): 'FailTask' {
    return 'FailTask'
  }
}

/** The options of {@link FailTask}: the delay before the next attempt, in milliseconds (null: no retry), and the cause. */
export type FailTaskOptions = { readonly retryInMs?: number | null; readonly cause?: unknown }

const failTaskSignature = signature({
  message: any,
  // An invalid delay is left to the worker, which fails the task with this message all the same.
  options: object<FailTaskOptions>({ retryInMs: any, cause: any }),
})

/** Thrown by a handler to release its task; the attempt does not count. */
export class ReleaseTask extends Error {
  override readonly name = 'ReleaseTask'

  /** @internal */
  get [brand](): 'ReleaseTask' {
    return 'ReleaseTask'
  }
}

export const isFailTask = (thrown: unknown): thrown is FailTask => readBrand(thrown) === 'FailTask'

export const isReleaseTask = (thrown: unknown): thrown is ReleaseTask => readBrand(thrown) === 'ReleaseTask'

const readBrand = (thrown: unknown): unknown => {
  try {
    return (thrown as { readonly [brand]?: unknown } | null | undefined)?.[brand]
  } catch {
    // A proxy can throw for any property.
    return undefined
  }
}
