import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { LogWatch } from '@claimlog/event-log'
import { pause } from './pause.ts'
import type { Still, WaitFailure } from './wait-failure.ts'

/** How long to wait, and until when it is wanted at all. */
export type Waiting = {
  /** For so long at most; 0: no longer than one look. None given: as long as it takes. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

/**
 * What a look came to: what was waited for, or what is still in the way and in how many milliseconds time alone may have
 * changed that (undefined: only an event can).
 */
export type Look<A> = { readonly found: A } | { readonly still: Still; readonly againInMs: number | undefined }

/** Timers of Node take no more; and a clock that was set forward meanwhile is noticed after so long. */
const longestSleepMs = 60_000

/** While others append one event after the other there is a look at them together so often, and no more. */
const betweenLooksMs = 10

/**
 * Looks, and again whenever the log has grown or the time has come that the look named, until it finds what is waited for
 * or fails. Nothing is done in between.
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

/** Resolves when the log has grown, or after so many milliseconds, or when `signal` aborts. */
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
