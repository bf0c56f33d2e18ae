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
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted === true) abort()
  const removeListener = life.onClosing(() => controller.abort(queueClosed))
  return {
    signal: controller.signal,
    release: () => {
      removeListener()
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** Runs a call that waits for something. Closing the queue aborts the call, and waits until it has ended. */
export const abortOnClose = <L extends object, A>(
  life: LifeCycle,
  signal: AbortSignal | undefined,
  wait: (signal: AbortSignal) => TE.TaskEither<L | Aborted, A>,
): TE.TaskEither<L | Aborted | Closed, A> =>
  life.run<L | Aborted | Closed, A>(async () => {
    const combined = closingSignal(life, signal)
    try {
      const result = await wait(combined.signal)()
      const isClosed = E.isLeft(result) && 'reason' in result.left && result.left.reason === queueClosed
      return isClosed ? closed : result
    } finally {
      combined.release()
    }
  })
