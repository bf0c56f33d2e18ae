import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Kind, Refusal, WorkerName } from '@claimlog/domain'
import type { Workspace } from '@claimlog/workspace'
import { isFatal } from './is-fatal.ts'
import type { LeaseKeeperOptions } from './lease-keeper.ts'
import { claimTasks, type WorkerEnd, type WorkerEndCondition } from './claim-tasks.ts'
import { watchClaims } from './watch-claims.ts'
import type { WorkerFailure, WorkHandler } from './work-handler.ts'
import { type WorkContext, processTasks } from './process-tasks.ts'
import type { WorkerEvent } from './worker-event.ts'
import { type WorkerCounts, workerState } from './worker-state.ts'

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
   * When the worker ends. `stopped` (default): when a signal stops it. `drained`: when nothing is left to do. `idle`:
   * when nothing is ready. Deprecated, and removed in the next version: `told` for `stopped`, `empty` for `drained`,
   * `unready` for `idle`.
   */
  readonly until?: 'stopped' | 'drained' | 'idle' | 'told' | 'empty' | 'unready'
  /** Stops claiming tasks; the worker ends when the tasks it has are finished. */
  readonly stop?: AbortSignal
  /** Stops the running work at once, releases its tasks and ends the worker. */
  readonly signal?: AbortSignal
  /**
   * Called for each claimed task and for each thing that happens to it. If it throws, the worker releases its tasks and
   * rejects with that error.
   */
  readonly onEvent?: (event: WorkerEvent) => void
}

/** The reason why a worker ended, and the outcomes of its tasks. */
export type WorkerSummary = WorkerEnd & WorkerCounts

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
  ): TE.TaskEither<Refusal | WorkerFailure, WorkerSummary> =>
  async () => {
    const { worker, kinds = [], leaseMs, timeoutMs, slots = 1, until = 'stopped', failuresMax = 5 } = options
    const state = workerState(options)
    const watchEnd = new AbortController()
    const keeperOptions: LeaseKeeperOptions = {
      renew: renewal =>
        pipe(
          workspace.run({ command: 'renew', ...renewal }),
          TE.map(({ tasks: [renewed] }) => renewed?.claim),
        ),
      query: workspace.query,
      now: workspace.now,
      ...{ leaseMs, timeoutMs, emit: state.emit },
      onFailure: failure => (isFatal(failure) ? state.fail(failure) : undefined),
      onDelay: (failure, taskId) => state.emit({ event: 'delayed', failure, taskId }),
      onDefect: state.crash,
    }
    const context: WorkContext = { workspace, state, keeperOptions, handler, next: { kinds, leaseMs }, failuresMax }
    const unsubscribers = [onAbort(options.stop, state.stopClaiming), onAbort(options.signal, state.stopNow)]
    const watchPromise = watchClaims({ ...keeperOptions, watch: workspace.watch }, state.keepers, watchEnd.signal)
    try {
      const input = { command: 'claim', worker, kinds, leaseMs } as const
      const endResult = await claimTasks({
        workspace,
        input,
        until: renameDeprecated(until),
        slots,
        failuresMax,
        state,
        start: claimedTask => state.start(processTasks(context, claimedTask)),
      })()
      await state.waitForAll()
      return pipe(
        E.Do,
        E.apSW('counts', state.result()),
        E.apSW('workerEnd', endResult),
        E.map(({ counts, workerEnd }) => ({ ...workerEnd, ...counts })),
      )
    } finally {
      state.stopNow()
      await state.waitForAll()
      watchEnd.abort()
      for (const unsubscribe of unsubscribers) unsubscribe()
      await watchPromise
    }
  }

/** Replaces a deprecated word with the current one. */
const renameDeprecated = (until: NonNullable<WorkerOptions['until']>): WorkerEndCondition => {
  switch (until) {
    case 'told':
      return 'stopped'
    case 'empty':
      return 'drained'
    case 'unready':
      return 'idle'
    case 'stopped':
    case 'drained':
    case 'idle':
      return until
  }
}

/** Calls `listener` with the reason once `signal` aborts, or at once if it has; the result unsubscribes. */
const onAbort = (signal: AbortSignal | undefined, listener: (reason: unknown) => void): (() => void) => {
  const onAborted = (): void => listener(signal?.reason)
  if (signal?.aborted === true) onAborted()
  signal?.addEventListener('abort', onAborted, { once: true })
  return () => signal?.removeEventListener('abort', onAborted)
}
