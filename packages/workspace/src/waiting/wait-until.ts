import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { LogWatch } from '@claimlog/event-log'
import { pause } from './pause.ts'
import type { WaitBlocker, WaitFailure } from './wait-failure.ts'

/** Limits of a wait. */
export type WaitLimits = {
  /** The longest wait; 0: check only once. Default: no limit. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

/**
 * The result of a check: the awaited value, or what still blocks it and the milliseconds after which time alone may
 * have changed that (undefined: only an event can).
 */
export type WaitCheck<A> =
  { readonly value: A } | { readonly still: WaitBlocker; readonly recheckMs: number | undefined }

/** Also limits how late a clock that is set forward meanwhile is noticed; Node's timers have a limit, too. */
const sleepMsMax = 60_000

/** The shortest time between two checks: while others append event after event, these are checked together. */
const checkPauseMsMin = 10

/**
 * Checks, and checks again whenever the log has grown or the time given by the last check has come, until the awaited
 * value is there or a check fails. Sleeps in between.
 */
export const waitUntil =
  <L, A>(
    watchLog: () => LogWatch,
    check: TE.TaskEither<L, WaitCheck<A>>,
    { waitMs, signal }: WaitLimits,
  ): TE.TaskEither<L | WaitFailure, A> =>
  async () => {
    const startedAt = process.uptime()
    const remainingMs = (): number => (waitMs === undefined ? Infinity : waitMs - (process.uptime() - startedAt) * 1000)
    const watch = watchLog()
    let checkedAt = -Infinity
    try {
      for (;;) {
        const endedEarly = findAbort(signal)
        if (endedEarly !== undefined) return endedEarly
        const restMs = checkPauseMsMin - (process.uptime() - checkedAt) * 1000
        if (restMs > 0) await pause(restMs)
        const remaining = remainingMs()
        const checkResult = await check()
        checkedAt = process.uptime()
        if (E.isLeft(checkResult))
          return (isUnreachable(checkResult.left) ? findAbort(signal) : undefined) ?? checkResult
        if ('value' in checkResult.right) return E.right(checkResult.right.value)
        const { still, recheckMs = Infinity } = checkResult.right
        if (remaining <= 0) return E.left({ failure: 'WaitTimeout', waitedMs: waitMs ?? 0, still })
        await waitForAppend(watch, Math.min(recheckMs, remainingMs(), sleepMsMax), signal)
      }
    } finally {
      watch.close()
    }
  }

/** The result of a wait that its caller has given up; undefined: the caller still waits. */
const findAbort = (signal: AbortSignal | undefined): E.Left<WaitFailure> | undefined =>
  signal?.aborted === true
    ? { _tag: 'Left', left: { failure: 'Aborted', reason: signal.reason as unknown } }
    : undefined

/** True for a failure after which nothing was changed: the server was out of reach when the caller gave up. */
const isUnreachable = (left: unknown): boolean => (left as { readonly failure?: string }).failure === 'Unreachable'

/** Resolves when the log has grown, after `ms` milliseconds, or when `signal` aborts. */
export const waitForAppend = async (watch: LogWatch, ms: number, signal: AbortSignal | undefined): Promise<void> => {
  const wake = new AbortController()
  const end = (): void => wake.abort()
  const timer = setTimeout(end, Math.max(0, ms))
  signal?.addEventListener('abort', end)
  if (signal?.aborted === true) end()
  await watch.next(wake.signal)
  signal?.removeEventListener('abort', end)
  clearTimeout(timer)
}
