import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type Closed, closed, type LifeCycle } from '@claimlog/event-log'
import type { Aborted } from '@claimlog/workspace'

/** The abort reason of signals that abort because the queue is closed. */
const queueClosed = new Error('the queue was closed')

/** Creates a signal that aborts when `signal` aborts or the queue is closed; `release` removes its listeners. */
export const closingSignal = (
  life: LifeCycle,
  signal: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly release: () => void } => {
  // Not AbortSignal.any: with it a long-lived signal keeps a reference to every call of the queue.
  const over = new AbortController()
  const abort = (): void => over.abort(signal?.reason)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted === true) abort()
  const unlisten = life.onClosing(() => over.abort(queueClosed))
  return {
    signal: over.signal,
    release: () => {
      unlisten()
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** Runs a call that waits for something. Closing the queue aborts the call, and waits until it has ended. */
export const untilClosed = <L extends object, A>(
  life: LifeCycle,
  signal: AbortSignal | undefined,
  wait: (signal: AbortSignal) => TE.TaskEither<L | Aborted, A>,
): TE.TaskEither<L | Aborted | Closed, A> =>
  life.run<L | Aborted | Closed, A>(async () => {
    const joined = closingSignal(life, signal)
    try {
      const waited = await wait(joined.signal)()
      const isClosed = E.isLeft(waited) && 'reason' in waited.left && waited.left.reason === queueClosed
      return isClosed ? closed : waited
    } finally {
      joined.release()
    }
  })
