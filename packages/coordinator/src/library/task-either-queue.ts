import * as E from 'fp-ts/lib/Either.js'
import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Event } from '@claimlog/domain'
import type { Workspace } from '../workspace.ts'
import { runWorker, type WorkerOptions, type WorkerSummary } from '../worker/run-worker.ts'
import type { HeldTask, WorkOutcome } from '../worker/work-handler.ts'
import type { QueueFailure } from './claimlog-error.ts'
import type { QueueMethods } from './queue-methods.ts'
import { taskEitherMethods } from './task-either-methods.ts'

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
  /** Stops what runs on the queue at once, gives its tasks back, and lets go of the log. */
  readonly close: T.Task<void>
}

/** The queue of a workspace that was opened in `dir`; `name` is what its workers are called unless they say. */
export const taskEitherQueue = (dir: string, workspace: Workspace, name: string): TaskEitherQueue => {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()

  const untilClosed = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal])

  return {
    ...taskEitherMethods(workspace),
    dir,
    follow: async function* ({ after = 0, signal } = {}) {
      for await (const batch of workspace.follow(after, untilClosed(signal))) {
        if (E.isLeft(batch)) yield batch
        else for (const event of batch.right) yield E.right(event)
      }
    },
    worker: (kinds, handler, options) => () => {
      const asked = typeof kinds === 'string' ? [kinds] : kinds
      const stopNow = untilClosed(options?.stopNow)
      const work = runWorker(workspace, { worker: name, ...options, kinds: asked, stopNow }, held => handler(held)())()
      const ended = work.finally(() => running.delete(ended))
      running.add(ended)
      return ended
    },
    close: async () => {
      closing.abort(new Error('the queue was closed'))
      await Promise.allSettled(running)
      await workspace.close()
    },
  }
}
