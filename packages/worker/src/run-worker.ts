import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Kind, Refusal, WorkerName } from '@claimlog/domain'
import type { Workspace } from '@claimlog/workspace'
import { isFatal } from './fatal.ts'
import type { HoldingOptions } from './holding.ts'
import { type Ending, takeTasks } from './take-tasks.ts'
import { watchHoldings } from './watch-holdings.ts'
import type { WorkerTrouble, WorkHandler } from './work-handler.ts'
import { type Slot, workOn } from './work-on.ts'
import type { WorkerEvent } from './worker-event.ts'
import { type Counts, workerState } from './worker-state.ts'

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
export type WorkerSummary = Ending & Counts

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
    const { worker, kinds = [], leaseMs, timeoutMs, slots = 1, until = 'told', failuresMax = 5 } = options
    const state = workerState(options)
    const over = new AbortController()
    const held: HoldingOptions = {
      renew: renewal =>
        pipe(
          workspace.run({ command: 'renew', ...renewal }),
          TE.map(({ tasks: [renewed] }) => renewed?.claim),
        ),
      query: workspace.read,
      ...{ leaseMs, timeoutMs, emit: state.emit },
      failed: what => (isFatal(what) ? state.fail(what) : undefined),
      delayed: (what, taskId) => state.emit({ event: 'delayed', failure: what, taskId }),
      threw: state.crash,
    }
    const slot: Slot = { workspace, state, held, handler, next: { kinds, leaseMs }, failuresMax }
    const unlisten = [onAbort(options.stop, state.endSoon), onAbort(options.stopNow, state.endNow)]
    const watching = watchHoldings({ ...held, watch: workspace.watch }, state.holdings, over.signal)
    try {
      const order = { command: 'claim', worker, kinds, leaseMs } as const
      const ended = await takeTasks({
        ...{ workspace, order, until, slots, failuresMax, state },
        start: claimed => state.start(workOn(slot, claimed)),
      })()
      await state.allEnded()
      return pipe(
        E.Do,
        E.apSW('counts', state.counted()),
        E.apSW('ending', ended),
        E.map(({ counts, ending }) => ({ ...ending, ...counts })),
      )
    } finally {
      state.endNow()
      await state.allEnded()
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
