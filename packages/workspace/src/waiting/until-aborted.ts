import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Aborted } from './wait-failure.ts'

/** A gate for work that must not start to change anything after it was aborted. */
export type Permit = {
  /** Enters the gate. Returns why the work must stop; undefined: it may continue, and can no longer be aborted. */
  readonly use: () => Aborted | undefined
  /** True if the work was not aborted so far. */
  readonly isWanted: () => boolean
}

/** Returns the result of `work`; if `signal` aborts before the work has entered its gate, returns `Aborted` at once. */
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
