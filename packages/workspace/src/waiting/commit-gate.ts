import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Aborted } from './wait-failure.ts'

/** A gate for work that must not start to change anything after it was aborted. */
export type CommitGate = {
  /** Enters the gate. Returns why the work must stop; undefined: it may continue, and can no longer be aborted. */
  readonly enter: () => Aborted | undefined
  /** True if the work was not aborted so far. */
  readonly isOpen: () => boolean
}

/** Returns the result of `work`; if `signal` aborts before the work has entered its gate, returns `Aborted` at once. */
export const orAborted =
  <L, A>(signal: AbortSignal, work: (gate: CommitGate) => TE.TaskEither<L, A>): TE.TaskEither<L | Aborted, A> =>
  () => {
    const toAborted = (): Aborted => ({ failure: 'Aborted', reason: signal.reason })
    if (signal.aborted) return Promise.resolve(E.left(toAborted()))
    return new Promise((resolve, reject) => {
      let isEntered = false
      const abandon = (): void => {
        if (!isEntered) resolve(E.left(toAborted()))
      }
      const enter = (): Aborted | undefined => {
        if (signal.aborted && !isEntered) return toAborted()
        isEntered = true
        return undefined
      }
      signal.addEventListener('abort', abandon, { once: true })
      work({ enter, isOpen: () => isEntered || !signal.aborted })()
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', abandon))
    })
  }
