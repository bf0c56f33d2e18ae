import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Aborted } from './wait-failure.ts'

/** To be used by work that must not begin to change anything once it was given up. */
export type Permit = {
  /** Why the work may not go on; undefined: it may, and can no longer be given up. */
  readonly use: () => Aborted | undefined
  /** Whether it was not given up so far. */
  readonly isWanted: () => boolean
}

/** Answers what `work` comes to, or, where `signal` aborts before the work has used its permit, at once that it was given up. */
export const untilAborted =
  <L, A>(signal: AbortSignal, work: (permit: Permit) => TE.TaskEither<L, A>): TE.TaskEither<L | Aborted, A> =>
  () => {
    const aborted = (): Aborted => ({ failure: 'Aborted', reason: signal.reason })
    if (signal.aborted) return Promise.resolve(E.left(aborted()))
    return new Promise((resolve, reject) => {
      let isUsed = false
      const giveUp = (): void => {
        if (!isUsed) resolve(E.left(aborted()))
      }
      const use = (): Aborted | undefined => {
        if (signal.aborted && !isUsed) return aborted()
        isUsed = true
        return undefined
      }
      signal.addEventListener('abort', giveUp, { once: true })
      work({ use, isWanted: () => isUsed || !signal.aborted })()
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', giveUp))
    })
  }
