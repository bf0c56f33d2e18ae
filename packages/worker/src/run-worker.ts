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

/** The name, kinds, concurrency and limits of a worker. */
export type WorkerOptions = {
  readonly worker: WorkerName
  /** The kinds of the tasks to claim; default: all. */
  readonly kinds?: ReadonlyArray<Kind>
  /** Number of tasks to work on at once; default 1. */
  readonly slots?: number
  /** The lease after each renewal, in milliseconds (null: no end); default: that of the task or the workspace. */
  readonly leaseMs?: number | null
  /** Time limit of one task, in milliseconds; then the work is stopped, and the attempt fails. */
  readonly timeoutMs?: number
  /** Number of tasks to claim in all. */
  readonly maxTasks?: number
  /**
   * Number of failures in a row of the worker's own part (`worker_failed`), or of the log's disk during a claim, after
   * which the worker ends with that failure; default 5. After each it claims no task for a while, twice as long each
   * time.
   */
  readonly failuresMax?: number
  /**
   * `told` (default): until a signal stops it. `empty`: until nothing is left to do. `unready`: until nothing is ready.
   */
  readonly until?: 'told' | 'empty' | 'unready'
  /** Stops claiming tasks; the worker ends when the tasks it has are finished. */
  readonly stop?: AbortSignal
  /** Stops the running work at once, releases its tasks and ends the worker. */
  readonly stopNow?: AbortSignal
  /**
   * Called for each claimed task and for each thing that happens to it. If it throws, the worker releases its tasks and
   * rejects with that error.
   */
  readonly onEvent?: (event: WorkerEvent) => void
}

/** The reason why a worker ended, and the outcomes of its tasks. */
export type WorkerSummary = Ending & Counts

/**
 * Runs a worker: claims tasks one after the other, as many at once as it has slots, calls `handler` for each, renews
 * the leases, and reports each outcome in one step with the next claim. Resolves once it has ended and all of its work
 * with it. Temporary failures are retried; a log that can no longer be written ends it, and so does repeated failure of
 * its own part. No task is charged an attempt for either.
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
        workspace,
        order,
        until,
        slots,
        failuresMax,
        state,
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

/** Calls `listener` once `signal` aborts, or at once if it has; the result unsubscribes. */
const onAbort = (signal: AbortSignal | undefined, told: () => void): (() => void) => {
  if (signal?.aborted === true) told()
  signal?.addEventListener('abort', told, { once: true })
  return () => signal?.removeEventListener('abort', told)
}
