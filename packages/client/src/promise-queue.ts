import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import type { Event } from '@claimlog/domain'
import type { HeldTask, WorkerSummary, WorkOutcome } from '@claimlog/worker'
import { ClaimlogError, type QueueFailure } from '@claimlog/messages'
import { initQueue, type InitOptions, openQueue, type OpenOptions } from './open-queue.ts'
import type { QueueMethods } from './queue-methods.ts'
import type { FollowOptions, QueueWorkerOptions, TaskEitherQueue } from './task-either-queue.ts'

/** Thrown by a handler to fail its task otherwise than by any error: when to try again, or never. */
export class FailTask extends Error {
  override readonly name = 'FailTask'
  /** When the next attempt may start, in milliseconds from now; null: never; undefined: as the task says. */
  readonly retryInMs: number | null | undefined

  constructor(message: string, { retryInMs }: { readonly retryInMs?: number | null } = {}) {
    super(message)
    this.retryInMs = retryInMs
  }
}

/** Thrown by a handler to give its task back unharmed: the attempt does not count. */
export class ReleaseTask extends Error {
  override readonly name = 'ReleaseTask'
}

/**
 * Does the work of one task: what it answers is the task's result. One that throws has failed the attempt, with the
 * error's message; {@link FailTask} and {@link ReleaseTask} say it more exactly.
 */
export type Handler = (held: HeldTask) => Json | void | Promise<Json | void>

/** A queue of tasks in a directory, shared with every other process that opens it. What is refused rejects with a `ClaimlogError`. */
export interface Queue extends QueueMethods<'promise'>, AsyncDisposable {
  /** The directory that holds `events.jsonl`. */
  readonly dir: string
  /** The events as they come, each once, until `signal` aborts or the queue is closed. */
  readonly follow: (options?: FollowOptions) => AsyncIterable<Event>
  /**
   * Runs a worker for tasks of `kinds` (none: of any): claims them, has `handler` do the work, keeps the leases, settles.
   * Resolves when the worker has ended: when `stop` aborts and its work is done, or as `until` says.
   */
  readonly worker: (
    kinds: string | ReadonlyArray<string>,
    handler: Handler,
    options?: QueueWorkerOptions,
  ) => Promise<WorkerSummary>
  /**
   * Closes the queue, once however often it is called: workers stop at once and give their tasks back, what waits gives up,
   * and calls that begin from now on are refused with `closed`. Resolves when all that was in flight is answered and the
   * log is let go of; in a worker's handler, for which it cannot wait, at once.
   */
  readonly close: () => Promise<void>
}

/** Opens a queue that is there; `await using` closes it. */
export const open = async (options?: OpenOptions): Promise<Queue> => promiseQueue(await answerOf(openQueue(options)))

/** Opens the queue in a directory, and makes it where there is none. */
export const init = async (options?: InitOptions): Promise<Queue> => promiseQueue(await answerOf(initQueue(options)))

/** What a task-either comes to; what it refuses is thrown, and the reason of a signal as it is. */
const answerOf = async <A>(asked: TE.TaskEither<QueueFailure, A>): Promise<A> => {
  const answered = await asked()
  if (E.isRight(answered)) return answered.right
  const no = answered.left
  if ('failure' in no && no.failure === 'Aborted') throw no.reason
  throw new ClaimlogError(no)
}

const promiseQueue = (queue: TaskEitherQueue): Queue => {
  const { dir, follow, worker, close, ...methods } = queue
  return {
    ...promised(methods),
    dir,
    follow: async function* (options) {
      for await (const event of follow(options)) {
        if (E.isLeft(event)) throw new ClaimlogError(event.left)
        yield event.right
      }
    },
    worker: (kinds, handler, options) => answerOf(worker(kinds, held => () => outcomeOf(handler, held), options)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The same methods, each answering by a promise. */
const promised = (methods: QueueMethods<'task-either'>): QueueMethods<'promise'> => {
  type Method = (...given: ReadonlyArray<unknown>) => TE.TaskEither<QueueFailure, unknown>
  const wrapped = Object.entries(methods as unknown as Record<string, Method>).map(
    ([name, method]) => [name, (...given: ReadonlyArray<unknown>) => answerOf(method(...given))] as const,
  )
  return Object.fromEntries(wrapped) as unknown as QueueMethods<'promise'>
}

const outcomeOf = async (handler: Handler, held: HeldTask): Promise<WorkOutcome> => {
  try {
    const result = await handler(held)
    return result === undefined ? { outcome: 'completed' } : { outcome: 'completed', result }
  } catch (thrown) {
    if (thrown instanceof ReleaseTask) return { outcome: 'released', reason: thrown.message || undefined }
    if (thrown instanceof FailTask) return { outcome: 'failed', error: thrown.message, retryInMs: thrown.retryInMs }
    throw thrown
  }
}
