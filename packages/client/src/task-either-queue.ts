import { AsyncLocalStorage } from 'node:async_hooks'
import * as E from 'fp-ts/lib/Either.js'
import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import type { Event } from '@claimlog/domain'
import { closed, type LifeCycle, lifeCycle } from '@claimlog/event-log'
import type { Workspace } from '@claimlog/workspace'
import { runWorker, type WorkerSummary } from '@claimlog/worker'
import type { QueueFailure } from '@claimlog/messages'
import type { FollowOptions, QueueMethods, QueueWorkerOptions } from './queue-methods.ts'
import type { HandlerContext, WorkOutcome } from './typed-tasks.ts'
import type { QueuePlace } from './log/opened-log.ts'
import { taskEitherMethods } from './task-either-methods.ts'
import { keepTools } from './import/queue-tools.ts'
import { closingSignal } from './closing-signal.ts'
import { checkArguments } from './arguments/check-arguments.ts'
import { checkedMethod, checkedMethods } from './arguments/checked-method.ts'

/** A task queue, shared with every other process that opens it. Methods return task-eithers. */
export interface TaskEitherQueue<Payload = Json, Result = Json> extends QueueMethods<'task-either', Payload, Result> {
  /** The directory that contains `events.jsonl`; undefined: the log is on a server. */
  readonly dir: string | undefined
  /** The URL of the log on a server, without its password; undefined: the log is in a directory. */
  readonly log: string | undefined
  /**
   * Yields each event once: those after seq `after`, then each as it is appended, until `signal` aborts or the queue is
   * closed; a failure is the last item.
   *
   * @example
   * ```ts
   * for await (const event of queue.follow({ after: 10 })) {
   *   if (E.isRight(event)) console.log(event.right.seq, event.right.event)
   * }
   * ```
   */
  readonly follow: (options?: FollowOptions) => AsyncIterable<E.Either<QueueFailure, Event>>
  /**
   * Runs a worker for tasks of `kinds` (an empty list: any kind) until it stops. `signal` stops the running work at
   * once and releases its tasks; `stop` lets it finish.
   *
   * @example
   * ```ts
   * const summary = await queue.worker(
   *   'docs',
   *   ({ task }) => T.of({ outcome: 'completed', result: { read: task.id } }),
   *   { until: 'drained' },
   * )()
   * ```
   */
  readonly worker: (
    kinds: string | ReadonlyArray<string>,
    handler: (context: HandlerContext<Payload, Result>) => T.Task<WorkOutcome<Result>>,
    options?: QueueWorkerOptions,
  ) => TE.TaskEither<QueueFailure, WorkerSummary>
  /**
   * Closes the queue. Workers stop at once and release their tasks, waiting calls abort, and new calls are refused with
   * `closed`. Resolves when all calls in flight have ended and the log is closed; inside a worker's handler it resolves
   * immediately, as it cannot wait for that handler. Further calls have no effect. It takes no arguments, and ignores
   * those of an event.
   *
   * @example
   * ```ts
   * await queue.close()
   * ```
   */
  readonly close: T.Task<void>
}

/**
 * Builds the queue of a workspace that was opened at `place`; `name` is the default name of its workers. It has the
 * states of {@link LifeCycle}: once it is closing no call begins, waiting calls abort, workers release their tasks, and
 * the workspace, which they need for that, is closed after them. A call that reads a long log aborts as well.
 */
export const taskEitherQueue = (place: QueuePlace, workspace: Workspace, name: string): TaskEitherQueue => {
  const life = lifeCycle()
  const workerRuns = new Set<Promise<unknown>>()
  const handlerContext = new AsyncLocalStorage<HandlerCall>()

  let workspaceClosing: Promise<void> | undefined
  const closeWorkspace = async (): Promise<void> => {
    await Promise.allSettled(workerRuns)
    await workspace.close()
  }
  // When closing begins, and not once no call is in flight: a waiting call may be reading a long log, and only closing
  // the workspace aborts that.
  life.onClosing(() => {
    workspaceClosing = closeWorkspace()
  })

  const queue: TaskEitherQueue = {
    ...checkedMethods<QueueMethods<'task-either'>>(taskEitherMethods(workspace, life)),
    dir: place._tag === 'directory' ? place.dir : undefined,
    log: place._tag === 'server' ? place.url : undefined,
    follow: (...args) => {
      const wrongUsage = checkArguments('follow', args)
      return wrongUsage === undefined ? followUntilClosed(workspace, life, ...args) : yieldFailure(wrongUsage)
    },
    worker: checkedMethod('worker', (kinds, handler, options?: QueueWorkerOptions) => () => {
      if (!life.isOpen()) return Promise.resolve(closed)
      const kindList = typeof kinds === 'string' ? [kinds] : kinds
      const stop = closingSignal(life, options?.signal)
      const handle = (context: HandlerContext): Promise<WorkOutcome> => {
        const call = { isRunning: true }
        return handlerContext.run(call, handler(context)).finally(() => {
          call.isRunning = false
        })
      }
      const workerOptions = { ...options, worker: options?.worker ?? name, kinds: kindList, signal: stop.signal }
      const workerRun = runWorker(workspace, workerOptions, handle)().finally(() => {
        stop.release()
        workerRuns.delete(workerRun)
      })
      workerRuns.add(workerRun)
      return workerRun
    }),
    close: async () => {
      const closing = life.close(() => workspaceClosing)
      // A handler that waited for the closing would wait for itself.
      if (handlerContext.getStore()?.isRunning === true) closing.catch(() => undefined)
      else await closing
    },
  }
  return keepTools(queue, workspace, life)
}

const yieldFailure = async function* (failure: QueueFailure): AsyncGenerator<E.Either<QueueFailure, Event>> {
  yield E.left(failure)
}

/** A call of a worker's handler. Code that runs inside the handler finds it in the async context. */
type HandlerCall = { readonly isRunning: boolean }

/**
 * Yields events as they are appended. A call is in flight only while it waits for the next event: a caller that
 * processes an event, or abandons the loop, does not block the closing of the queue.
 */
const followUntilClosed = async function* (
  workspace: Workspace,
  life: LifeCycle,
  { after = 0, signal }: FollowOptions = {},
): AsyncGenerator<E.Either<QueueFailure, Event>> {
  if (!life.isOpen()) {
    yield closed
    return
  }
  const abortSignal = closingSignal(life, signal)
  const batches = workspace.follow(after, abortSignal.signal)[Symbol.asyncIterator]()
  try {
    while (life.begin()) {
      const next = await batches.next().finally(life.end)
      if (next.done === true) return
      if (E.isLeft(next.value)) yield next.value
      else for (const event of next.value.right) yield E.right(event)
    }
  } finally {
    abortSignal.release()
    await batches.return?.()
  }
}
