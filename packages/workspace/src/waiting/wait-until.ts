import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { LogWatch } from '@claimlog/event-log'
import { pause } from './pause.ts'
import type { Still, WaitFailure } from './wait-failure.ts'

/** Limits of a wait. */
export type Waiting = {
  /** The longest wait; 0: check only once. Default: no limit. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

/**
 * The result of a check: the awaited value, or what still blocks it and the milliseconds after which time alone may
 * have changed that (undefined: only an event can).
 */
export type Look<A> = { readonly found: A } | { readonly still: Still; readonly againInMs: number | undefined }

/** Also limits how late a clock that is set forward meanwhile is noticed; Node's timers have a limit, too. */
const longestSleepMs = 60_000

/** The shortest time between two checks: while others append event after event, these are checked together. */
const betweenLooksMs = 10

/**
 * Checks, and checks again whenever the log has grown or the time given by the last check has come, until the awaited
 * value is there or a check fails. Sleeps in between.
 */
export const waitUntil =
  <L, A>(
    watchLog: () => LogWatch,
    look: TE.TaskEither<L, Look<A>>,
    { waitMs, signal }: Waiting,
  ): TE.TaskEither<L | WaitFailure, A> =>
  async () => {
    const startedAt = process.uptime()
    const leftMs = (): number => (waitMs === undefined ? Infinity : waitMs - (process.uptime() - startedAt) * 1000)
    const watch = watchLog()
    let lookedAt = -Infinity
    try {
      for (;;) {
        if (signal?.aborted === true) return E.left({ failure: 'Aborted', reason: signal.reason as unknown })
        const restMs = betweenLooksMs - (process.uptime() - lookedAt) * 1000
        if (restMs > 0) await pause(restMs)
        const left = leftMs()
        const looked = await look()
        lookedAt = process.uptime()
        if (E.isLeft(looked)) return looked
        if ('found' in looked.right) return E.right(looked.right.found)
        const { still, againInMs = Infinity } = looked.right
        if (left <= 0) return E.left({ failure: 'WaitTimeout', waitedMs: waitMs ?? 0, still })
        await nextAppend(watch, Math.min(againInMs, leftMs(), longestSleepMs), signal)
      }
    } finally {
      watch.close()
    }
  }

/** Resolves when the log has grown, after `ms` milliseconds, or when `signal` aborts. */
export const nextAppend = async (watch: LogWatch, ms: number, signal: AbortSignal | undefined): Promise<void> => {
  const over = new AbortController()
  const end = (): void => over.abort()
  const timer = setTimeout(end, Math.max(0, ms))
  signal?.addEventListener('abort', end)
  if (signal?.aborted === true) end()
  await watch.next(over.signal)
  signal?.removeEventListener('abort', end)
  clearTimeout(timer)
}
