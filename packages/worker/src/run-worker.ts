import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Kind, Refusal, WorkerName } from '@claimlog/domain'
import type { Workspace } from '@claimlog/workspace'
import { circuitBreaker } from './circuit-breaker.ts'
import { isFatal } from './fatal.ts'
import type { ClaimedTask } from '@claimlog/workspace'
import type { Holding, HoldingOptions } from './holding.ts'
import { quotaOf } from './quota.ts'
import { type Ending, takeTasks } from './take-tasks.ts'
import { watchHoldings } from './watch-holdings.ts'
import type { WorkerTrouble, WorkHandler } from './work-handler.ts'
import { type Slot, toldToStop, workOn } from './work-on.ts'
import type { WorkerEvent } from './worker-event.ts'

/** Who works, on what, on how much at once, and until when. */
export type WorkerOptions = {
  readonly worker: WorkerName
  /** What kinds of task to take; none named: any. */
  readonly kinds?: ReadonlyArray<Kind>
  /** How many tasks to work on at once; 1 unless said. */
  readonly slots?: number
  /** How long a claim lasts between renewals, in milliseconds (null: without end); as the task or the workspace says unless said. */
  readonly leaseMs?: number | null
  /** How long the work on one task may take, in milliseconds; then it is stopped, and the attempt has failed. */
  readonly timeoutMs?: number
  /** How many tasks to take in all. */
  readonly maxTasks?: number
  /**
   * How many tries in a row the worker may fail to do its own part (`worker_failed`), or to reach the log's disk for a
   * claim, before it ends with that; 5 unless said. After each it takes no task for a while, twice as long each time.
   */
  readonly failuresMax?: number
  /** `told` unless said: until a signal stops it. `empty`: until nothing is left to do. `unready`: until nothing is ready. */
  readonly until?: 'told' | 'empty' | 'unready'
  /** Has the worker take no more tasks, and end when those it has are done. */
  readonly stop?: AbortSignal
  /** Has the worker stop its work at once, give its tasks back and end. */
  readonly stopNow?: AbortSignal
  /**
   * Is told of each task that is taken and of what comes of it, as it happens. If it throws, the worker gives back what it
   * holds and ends with that.
   */
  readonly onEvent?: (event: WorkerEvent) => void
}

/** How a worker ended, and what became of the tasks it took. */
export type WorkerSummary = Ending & {
  readonly completed: number
  readonly failed: number
  readonly released: number
  readonly lost: number
}

/**
 * Runs a worker: claims tasks one after the other, as many at once as it has slots, has `handler` do the work, keeps the
 * leases, and settles by what comes of it, in one step with the next claim. Answers once it has ended and all of its work
 * with it. What comes in between and may pass is tried again; a log that can no longer be written ends it, and so does
 * what keeps it from doing its part again and again. No task is charged for either.
 */
export const runWorker =
  (
    workspace: Workspace,
    options: WorkerOptions,
    handler: WorkHandler,
  ): TE.TaskEither<Refusal | WorkerTrouble, WorkerSummary> =>
  async () => {
    const { worker, kinds = [], leaseMs, timeoutMs, slots = 1, maxTasks = Infinity } = options
    const { until = 'told', failuresMax = 5, stop, stopNow } = options
    const ending = new AbortController()
    const over = new AbortController()
    const holdings = new Set<Holding>()
    const running = new Set<Promise<void>>()
    const quota = quotaOf(maxTasks)
    const { tell, counts, hasThrown, rethrow } = counting(options.onEvent, () => endNow())
    const breaker = circuitBreaker()
    let failure: WorkerTrouble | undefined

    const endSoon = (): void => {
      quota.close()
      ending.abort()
    }
    const endNow = (): void => {
      endSoon()
      for (const hold of holdings) hold.stop(toldToStop())
    }
    const fatal = (what: WorkerTrouble): void => {
      failure ??= what
      endNow()
    }
    const isHurried = (): boolean => stopNow?.aborted === true || failure !== undefined || hasThrown()
    const held: HoldingOptions = {
      renew: renewal => workspace.run({ command: 'renew', ...renewal }),
      query: workspace.read,
      ...{ leaseMs, timeoutMs, emit: tell },
      failed: what => (isFatal(what) ? fatal(what) : undefined),
      delayed: (what, taskId) => tell({ event: 'delayed', failure: what, taskId }),
    }
    const shared = { quota, breaker, failuresMax, giveUp: fatal, holdings, isHurried }
    const slot: Slot = { workspace, held, handler, next: { kinds, leaseMs }, ...shared }
    const start = (claimed: ClaimedTask): void => {
      const work = workOn(slot, claimed).finally(() => running.delete(work))
      running.add(work)
    }
    const unlisten = [onAbort(stop, endSoon), onAbort(stopNow, endNow)]
    const watching = watchHoldings({ ...held, watch: workspace.watch }, holdings, over.signal)
    try {
      const order = { command: 'claim', worker, kinds, leaseMs } as const
      const ended = await takeTasks({
        workspace,
        order,
        until,
        slots,
        quota,
        ...{ breaker, failuresMax },
        running,
        start,
        ending: ending.signal,
        tell,
      })
      await Promise.all(running)
      rethrow()
      if (failure !== undefined) return E.left(failure)
      return E.isLeft(ended) ? ended : E.right({ ...ended.right, ...counts })
    } finally {
      endNow()
      await Promise.allSettled(running)
      over.abort()
      for (const each of unlisten) each()
      await watching
    }
  }

/** Calls `told` once `signal` aborts, or at once where it has; the answer takes that back. */
const onAbort = (signal: AbortSignal | undefined, told: () => void): (() => void) => {
  if (signal?.aborted === true) told()
  signal?.addEventListener('abort', told, { once: true })
  return () => signal?.removeEventListener('abort', told)
}

type Counts = { completed: number; failed: number; released: number; lost: number }

type Counting = {
  readonly tell: (event: WorkerEvent) => void
  readonly counts: Readonly<Counts>
  readonly hasThrown: () => boolean
  /** Throws what the listener threw. */
  readonly rethrow: () => void
}

/** Counts what is told. A listener that throws is told no more, and `ended`: what is held must be given back first. */
const counting = (onEvent: WorkerOptions['onEvent'], ended: () => void): Counting => {
  const counts: Counts = { completed: 0, failed: 0, released: 0, lost: 0 }
  let thrown: { readonly what: unknown } | undefined
  return {
    tell: event => {
      if (event.event in counts) counts[event.event as keyof Counts] += 1
      if (thrown !== undefined) return
      try {
        onEvent?.(event)
      } catch (what) {
        thrown = { what }
        ended()
      }
    },
    counts,
    hasThrown: () => thrown !== undefined,
    rethrow: () => {
      if (thrown !== undefined) throw thrown.what
    },
  }
}
