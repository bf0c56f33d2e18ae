import { AsyncLocalStorage } from 'node:async_hooks'
import * as E from 'fp-ts/lib/Either.js'
import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Event } from '@claimlog/domain'
import { closed, type LifeCycle, lifeCycle } from '@claimlog/event-log'
import type { Workspace } from '@claimlog/workspace'
import { type HeldTask, runWorker, type WorkerOptions, type WorkerSummary, type WorkOutcome } from '@claimlog/worker'
import type { QueueFailure } from '@claimlog/messages'
import type { QueueMethods } from './queue-methods.ts'
import { taskEitherMethods } from './task-either-methods.ts'
import { closingSignal } from './until-closed.ts'

/** How a worker of a queue works: its name is `<host>-<pid>` unless said, and what it takes is said beside. */
export type QueueWorkerOptions = Partial<WorkerOptions>

/** Which events to follow: those after a seq (0, from the first, unless said), until `signal` aborts. */
export type FollowOptions = { readonly after?: number; readonly signal?: AbortSignal }

/** A queue of tasks in a directory, shared with every other process that opens it. Answers are task-eithers. */
export interface TaskEitherQueue extends QueueMethods<'task-either'> {
  /** The directory that holds `events.jsonl`. */
  readonly dir: string
  /** The events as they come, each once; a failure is the last item. */
  readonly follow: (options?: FollowOptions) => AsyncIterable<E.Either<QueueFailure, Event>>
  /** Runs a worker for tasks of `kinds` (none: of any) until it ends: see `WorkerOptions`. */
  readonly worker: (
    kinds: string | ReadonlyArray<string>,
    handler: (held: HeldTask) => T.Task<WorkOutcome>,
    options?: QueueWorkerOptions,
  ) => TE.TaskEither<QueueFailure, WorkerSummary>
  /**
   * Closes the queue, once however often it is called: workers stop at once and give their tasks back, what waits gives up,
   * and calls that begin from now on are refused with `closed`. Resolves when all that was in flight is answered and the
   * log is let go of; in a worker's handler, for which it cannot wait, at once.
   */
  readonly close: T.Task<void>
}

/**
 * The queue of a workspace that was opened in `dir`; `name` is what its workers are called unless they say. Its life has the
 * states of {@link LifeCycle}: once it is closing no call begins, what waits gives up, workers give their tasks back, and
 * the workspace, which they need for that, is closed after them. What has it read a long log gives up with it.
 */
export const taskEitherQueue = (dir: string, workspace: Workspace, name: string): TaskEitherQueue => {
  const life = lifeCycle()
  const running = new Set<Promise<unknown>>()
  const handling = new AsyncLocalStorage<Handling>()

  let lettingGo: Promise<void> | undefined
  const letGo = async (): Promise<void> => {
    await Promise.allSettled(running)
    await workspace.close()
  }
  // As closing begins, and not once nothing is in flight: what waits may be reading a long log, and it is the workspace
  // that has that given up.
  life.onClosing(() => {
    lettingGo = letGo()
  })

  return {
    ...taskEitherMethods(workspace, life),
    dir,
    follow: options => followUntilClosed(workspace, life, options),
    worker: (kinds, handler, options) => () => {
      if (!life.isOpen()) return Promise.resolve(closed)
      const asked = typeof kinds === 'string' ? [kinds] : kinds
      const stopNow = closingSignal(life, options?.stopNow)
      const handle = (held: HeldTask): Promise<WorkOutcome> => {
        const call = { isRunning: true }
        return handling.run(call, handler(held)).finally(() => {
          call.isRunning = false
        })
      }
      const given = { worker: name, ...options, kinds: asked, stopNow: stopNow.signal }
      const ended = runWorker(workspace, given, handle)().finally(() => {
        stopNow.release()
        running.delete(ended)
      })
      running.add(ended)
      return ended
    },
    close: async () => {
      const closing = life.close(() => lettingGo)
      // A handler that waited for this would wait for itself.
      if (handling.getStore()?.isRunning === true) closing.catch(() => undefined)
      else await closing
    },
  }
}

/** A call of a worker's handler: all that happens on its behalf can tell that it does. */
type Handling = { readonly isRunning: boolean }

/**
 * The events as they come. Only while the next one is waited for is this in flight: a caller that works on one, or never
 * asks for another, keeps nobody from closing the queue.
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
  const over = closingSignal(life, signal)
  const batches = workspace.follow(after, over.signal)[Symbol.asyncIterator]()
  try {
    while (life.begin()) {
      const next = await batches.next().finally(life.end)
      if (next.done === true) return
      if (E.isLeft(next.value)) yield next.value
      else for (const event of next.value.right) yield E.right(event)
    }
  } finally {
    over.release()
    await batches.return?.()
  }
}
