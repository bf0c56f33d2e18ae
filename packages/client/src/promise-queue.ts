import * as E from 'fp-ts/lib/Either.js'
import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import type { Event } from '@claimlog/domain'
import type { HandlerContext, WorkerSummary, WorkOutcome } from '@claimlog/worker'
import { ClaimlogError, type QueueFailure } from '@claimlog/messages'
import { initQueue, type InitOptions, openQueue, type OpenOptions } from './open-queue.ts'
import type { QueueMethods } from './queue-methods.ts'
import { shareTools } from './import/queue-tools.ts'
import type { FollowOptions, QueueWorkerOptions, TaskEitherQueue } from './task-either-queue.ts'

/** Thrown by a handler to fail its task with a given retry delay, or without a retry. */
export class FailTask extends Error {
  override readonly name = 'FailTask'
  /** The delay before the next attempt, in milliseconds; null: no retry; undefined: the backoff of the task. */
  readonly retryInMs: number | null | undefined

  constructor(message: string, { retryInMs, ...options }: ErrorOptions & { readonly retryInMs?: number | null } = {}) {
    super(message, options)
    this.retryInMs = retryInMs
  }
}

/** Thrown by a handler to release its task; the attempt does not count. */
export class ReleaseTask extends Error {
  override readonly name = 'ReleaseTask'
}

/**
 * Does the work of one task, and returns the task's result. If it throws, the attempt fails with the message of the
 * error; throw {@link FailTask} or {@link ReleaseTask} for more control.
 *
 * @example
 * ```ts
 * const handler: Handler = async ({ task, signal, progress }) => {
 *   await progress({ reading: task.title })
 *   const response = await fetch('https://example.org/', { signal })
 *   if (response.status === 503) throw new FailTask('try again later', { retryInMs: 60_000 })
 *   return { status: response.status }
 * }
 * ```
 */
export type Handler = (context: HandlerContext) => Json | void | Promise<Json | void>

/**
 * A task queue in a directory, shared with every other process that opens it. A call that is refused or fails rejects
 * with a `ClaimlogError`.
 */
export interface Queue extends QueueMethods<'promise'>, AsyncDisposable {
  /** The directory that contains `events.jsonl`. */
  readonly dir: string
  /** Yields each event once as it is appended, until `signal` aborts or the queue is closed. */
  readonly follow: (options?: FollowOptions) => AsyncIterable<Event>
  /**
   * Runs a worker for tasks of `kinds` (an empty list: any kind): claims tasks, calls `handler`, renews the leases and
   * records the results. Resolves when the worker has stopped: after `stop` aborts and its work is done, or as set by
   * `until`.
   */
  readonly worker: (
    kinds: string | ReadonlyArray<string>,
    handler: Handler,
    options?: QueueWorkerOptions,
  ) => Promise<WorkerSummary>
  /**
   * Closes the queue. Workers stop at once and release their tasks, waiting calls abort, and new calls are refused with
   * `closed`. Resolves when all calls in flight have ended and the log is closed; inside a worker's handler it resolves
   * immediately, as it cannot wait for that handler. Further calls have no effect.
   */
  readonly close: () => Promise<void>
}

/** Opens an existing queue; `await using` closes it. */
export const open = async (...args: [options?: OpenOptions]): Promise<Queue> =>
  promiseQueue(await toPromise(openQueue(...args)))

/** Opens the queue in a directory, and creates it if there is none. */
export const init = async (...args: [options?: InitOptions]): Promise<Queue> =>
  promiseQueue(await toPromise(initQueue(...args)))

/** Runs a task-either as a promise. Throws a ClaimlogError, or the reason of the signal if it was aborted. */
export const toPromise = async <A>(call: TE.TaskEither<QueueFailure, A>): Promise<A> => {
  const result = await call()
  if (E.isRight(result)) return result.right
  const failure = result.left
  if ('failure' in failure && failure.failure === 'Aborted') throw failure.reason
  throw new ClaimlogError(failure)
}

const promiseQueue = (queue: TaskEitherQueue): Queue => {
  const { dir, follow, worker, close, ...methods } = queue
  const promises: Queue = {
    ...toPromiseMethods(methods),
    dir,
    follow: async function* (...args) {
      for await (const event of follow(...args)) {
        if (E.isLeft(event)) throw new ClaimlogError(event.left)
        yield event.right
      }
    },
    worker: (kinds, handler, ...rest) => {
      // Another value is refused by the check of the arguments.
      const workHandler = typeof handler === 'function' ? toWorkHandler(handler) : handler
      return toPromise(worker(kinds, workHandler, ...rest))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return shareTools(promises, queue)
}

/** Converts the methods to promises. */
const toPromiseMethods = (methods: QueueMethods<'task-either'>): QueueMethods<'promise'> => {
  type Method = (...args: ReadonlyArray<unknown>) => TE.TaskEither<QueueFailure, unknown>
  const wrapped = Object.entries(methods as unknown as Record<string, Method>).map(
    ([name, method]) => [name, (...args: ReadonlyArray<unknown>) => toPromise(method(...args))] as const,
  )
  return Object.fromEntries(wrapped) as unknown as QueueMethods<'promise'>
}

const toWorkHandler =
  (handler: Handler) =>
  (context: HandlerContext): T.Task<WorkOutcome> =>
  () =>
    runHandler(handler, context)

const runHandler = async (handler: Handler, context: HandlerContext): Promise<WorkOutcome> => {
  try {
    const result = await handler(context)
    return result === undefined ? { outcome: 'completed' } : { outcome: 'completed', result }
  } catch (thrown) {
    if (thrown instanceof ReleaseTask) return { outcome: 'released', reason: thrown.message || undefined }
    if (thrown instanceof FailTask)
      return { outcome: 'failed', error: thrown.message, retryInMs: thrown.retryInMs, cause: thrown }
    throw thrown
  }
}
