import * as E from 'fp-ts/lib/Either.js'
import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import type { Event } from '@claimlog/domain'
import type { WorkerSummary } from '@claimlog/worker'
import { ClaimlogError, type QueueFailure } from '@claimlog/messages'
import { initQueue, openQueue } from './open-queue.ts'
import type { InitOptions, OpenOptions } from './arguments/open-options.ts'
import type { FollowOptions, QueueMethods, QueueWorkerOptions } from './queue-methods.ts'
import { shareTools } from './import/queue-tools.ts'
import { isFailTask, isReleaseTask } from './handler-errors.ts'
import type { HandlerContext, JsonLike, WorkOutcome } from './typed-tasks.ts'
import type { TaskEitherQueue } from './task-either-queue.ts'

/**
 * Does the work of one task, and returns the task's result. If it throws, the attempt fails with the message of the
 * error; throw `FailTask` or `ReleaseTask` for more control.
 *
 * @example
 * ```ts
 * const handler: Handler = async ({ task, signal, progress }) => {
 *   await progress({ reading: task.title ?? task.id })
 *   const response = await fetch('https://example.org/', { signal })
 *   if (response.status === 503) throw new FailTask('try again later', { retryInMs: 60_000 })
 *   return { status: response.status }
 * }
 * ```
 */
export type Handler<Payload = Json, Result = Json> = (
  context: HandlerContext<Payload, Result>,
) => Result | void | Promise<Result | void>

/**
 * A task queue, shared with every other process that opens it. A call that is refused or fails rejects
 * with a `ClaimlogError`; a call that is aborted, with the reason of its signal.
 */
export interface Queue<Payload = Json, Result = Json>
  extends QueueMethods<'promise', Payload, Result>, AsyncDisposable {
  /** The directory that contains `events.jsonl`; undefined: the log is on a server. */
  readonly dir: string | undefined
  /** The URL of the log on a server, without its password; undefined: the log is in a directory. */
  readonly log: string | undefined
  /**
   * Yields each event once: those after seq `after`, then each as it is appended, until `signal` aborts or the queue is
   * closed.
   *
   * @example
   * ```ts
   * for await (const event of queue.follow({ signal: AbortSignal.timeout(60_000) })) {
   *   if (event.event === 'completed') console.log(event.taskId, event.result)
   * }
   * ```
   */
  readonly follow: (options?: FollowOptions) => AsyncIterable<Event>
  /**
   * Runs a worker for tasks of `kinds` (an empty list: any kind): claims tasks, calls `handler`, renews the leases and
   * records the results. Resolves when the worker has stopped: after `signal` or `stop` aborts, or as set by `until`.
   * `signal` stops the running work at once and releases its tasks; `stop` lets it finish.
   *
   * @example
   * ```ts
   * const stop = new AbortController()
   * process.once('SIGTERM', () => stop.abort())
   * const { completed, failed } = await queue.worker(
   *   'docs',
   *   async ({ task, signal, progress }) => {
   *     await progress({ reading: task.title ?? task.id })
   *     const response = await fetch('https://example.org/', { signal })
   *     return { status: response.status }
   *   },
   *   { slots: 4, stop: stop.signal },
   * )
   * ```
   */
  readonly worker: (
    kinds: string | ReadonlyArray<string>,
    handler: Handler<Payload, Result>,
    options?: QueueWorkerOptions,
  ) => Promise<WorkerSummary>
  /**
   * Closes the queue. Workers stop at once and release their tasks, waiting calls abort, and new calls are refused with
   * `closed`. Resolves when all calls in flight have ended and the log is closed; inside a worker's handler it resolves
   * immediately, as it cannot wait for that handler. Further calls have no effect. It takes no arguments, and ignores
   * those of an event: `server.on('close', queue.close)`.
   *
   * @example
   * ```ts
   * await queue.close()
   * ```
   */
  readonly close: () => Promise<void>
}

/**
 * Opens an existing queue; `await using` closes it. Rejects with `no_workspace` if there is none.
 *
 * `open<Payload, Result>()` types the payloads and results of its tasks. They are not checked at run time, as other
 * programs may have added tasks.
 *
 * @example
 * ```ts
 * interface Page {
 *   readonly url: string
 * }
 *
 * const queue = await open<Page, { readonly words: number }>({ dir: '.claimlog' })
 * await queue.add({ kind: 'pages', payload: { url: 'https://example.org/' } })
 * await queue.close()
 * ```
 */
export const open: <Payload extends JsonLike<Payload> = Json, Result extends JsonLike<Result> = Json>(
  options?: OpenOptions,
) => Promise<Queue<Payload, Result>> = async <Payload extends JsonLike<Payload>, Result extends JsonLike<Result>>(
  ...args: [options?: OpenOptions]
) => promiseQueue(await toPromise(openQueue<Payload, Result>(...args)))

/**
 * Opens a queue, and creates it if there is none: a log in a directory, or with `log` one on a server. The defaults of an
 * existing queue stay as they are.
 * Rejects with `network_file_system` if its locks cannot be relied on there. Types as in {@link open}.
 *
 * @example
 * ```ts
 * const queue = await init({ dir: '.claimlog', leaseMs: 60_000, maxAttempts: 5 })
 * await queue.close()
 * ```
 */
export const init: <Payload extends JsonLike<Payload> = Json, Result extends JsonLike<Result> = Json>(
  options?: InitOptions,
) => Promise<Queue<Payload, Result>> = async <Payload extends JsonLike<Payload>, Result extends JsonLike<Result>>(
  ...args: [options?: InitOptions]
) => promiseQueue(await toPromise(initQueue<Payload, Result>(...args)))

/** Runs a task-either as a promise. Throws a ClaimlogError, or the reason of the signal if it was aborted. */
export const toPromise = async <A>(call: TE.TaskEither<QueueFailure, A>): Promise<A> => {
  const result = await call()
  if (E.isRight(result)) return result.right
  const failure = result.left
  if ('failure' in failure && failure.failure === 'Aborted') throw failure.reason
  throw new ClaimlogError(failure)
}

const promiseQueue = <Payload, Result>(queue: TaskEitherQueue<Payload, Result>): Queue<Payload, Result> => {
  const { dir, log, follow, worker, close, ...methods } = queue
  const promises: Queue<Payload, Result> = {
    ...toPromiseMethods(methods),
    dir,
    log,
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
const toPromiseMethods = <Payload, Result>(
  methods: QueueMethods<'task-either', Payload, Result>,
): QueueMethods<'promise', Payload, Result> => {
  type Method = (...args: ReadonlyArray<unknown>) => TE.TaskEither<QueueFailure, unknown>
  const wrapped = Object.entries(methods as unknown as Record<string, Method>).map(
    ([name, method]) => [name, (...args: ReadonlyArray<unknown>) => toPromise(method(...args))] as const,
  )
  return Object.fromEntries(wrapped) as unknown as QueueMethods<'promise', Payload, Result>
}

const toWorkHandler =
  <Payload, Result>(handler: Handler<Payload, Result>) =>
  (context: HandlerContext<Payload, Result>): T.Task<WorkOutcome<Result>> =>
  () =>
    runHandler(handler, context)

const runHandler = async <Payload, Result>(
  handler: Handler<Payload, Result>,
  context: HandlerContext<Payload, Result>,
): Promise<WorkOutcome<Result>> => {
  try {
    const result = await handler(context)
    return result === undefined ? { outcome: 'completed' } : { outcome: 'completed', result }
  } catch (thrown) {
    if (isReleaseTask(thrown)) return { outcome: 'released', reason: thrown.message || undefined }
    if (isFailTask(thrown))
      return { outcome: 'failed', error: thrown.message, retryInMs: thrown.retryInMs, cause: thrown }
    throw thrown
  }
}
