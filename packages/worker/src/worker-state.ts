import * as E from 'fp-ts/lib/Either.js'
import { ClaimlogError } from '@claimlog/messages'
import { type CircuitBreaker, circuitBreaker } from './circuit-breaker.ts'
import { type LeaseKeeper, stoppedByWorker } from './lease-keeper.ts'
import type { WorkerFailure } from './work-handler.ts'
import type { WorkerEvent } from './worker-event.ts'

/** Number of a worker's tasks per outcome. */
export type WorkerCounts = {
  readonly completed: number
  readonly failed: number
  readonly released: number
  readonly lost: number
}

/**
 * The mutable state of a running worker, and all operations that change it:
 *
 * ```
 *   claiming ──stopClaiming: the stop signal──► ending    claims no more; running work continues to its end
 *      │                                         │
 *      └──stopNow: the worker's signal,          │
 *         fail: the log or its own part failed,  │
 *         it or its listener threw ──────────────┴──► aborting   running work is stopped, and released
 * ```
 *
 * It never goes back. A task takes a place with `reserve` and runs from `start` to the end of its work; meanwhile its
 * claim is kept, from `addKeeper` to `removeKeeper`. A place is returned if no task was claimed for it, or if the worker
 * did not start the task.
 */
export type WorkerState = {
  /** Stops claiming tasks. */
  readonly stopClaiming: () => void
  /** Stops claiming tasks, and releases those that the worker has; `cause`: why, for their handlers. */
  readonly stopNow: (cause?: unknown) => void
  /** Ends the worker now, with a failure; only the first one is reported. */
  readonly fail: (failure: WorkerFailure) => void
  /** Ends the worker now, for a defect: it is thrown once every claim is released. */
  readonly crash: (defect: unknown) => void
  /** Aborts when no more tasks may be claimed. */
  readonly ending: AbortSignal
  /** True if running work must end at once. */
  readonly isAborting: () => boolean

  /** Takes a place for a task to be claimed; false: there is none left. */
  readonly reserve: () => boolean
  readonly returnPlace: () => void

  readonly start: (work: Promise<void>) => void
  readonly runningCount: () => number
  /** Resolves when any running work ends. */
  readonly waitForAny: () => Promise<void>
  readonly waitForAll: () => Promise<void>

  readonly addKeeper: (keeper: LeaseKeeper) => void
  readonly removeKeeper: (keeper: LeaseKeeper) => void
  readonly keepers: ReadonlySet<LeaseKeeper>

  /** Calls the worker's listener, and counts. A listener that throws is not called again, and the worker ends now. */
  readonly emit: (event: WorkerEvent) => void
  /** The outcomes of the tasks. Throws what the listener threw, or a defect. */
  readonly result: () => E.Either<WorkerFailure, WorkerCounts>

  /** Stops claims while this machine cannot run tasks. */
  readonly breaker: CircuitBreaker
}

/** `maxTasks`: the number of places in all. */
type WorkerStateOptions = { readonly maxTasks?: number; readonly onEvent?: (event: WorkerEvent) => void }

export const workerState = ({ maxTasks = Infinity, onEvent }: WorkerStateOptions): WorkerState => {
  const ending = new AbortController()
  const runningWork = new Set<Promise<void>>()
  const keepers = new Set<LeaseKeeper>()
  const counts = { completed: 0, failed: 0, released: 0, lost: 0 }
  let freePlaces = maxTasks
  let isAborting = false
  let stopCause: unknown
  let failure: WorkerFailure | undefined
  let defect: { readonly error: unknown } | undefined
  let listenerThrew = false

  const stopClaiming = (): void => ending.abort()
  const stopNow = (cause?: unknown): void => {
    isAborting = true
    stopCause ??= cause
    stopClaiming()
    for (const keeper of keepers) keeper.stop(stoppedByWorker(stopCause))
  }
  /** Every claim must be released before the error is rethrown. */
  const crash = (error: unknown): void => {
    defect ??= { error }
    stopNow(error)
  }
  return {
    stopClaiming,
    stopNow,
    crash,
    fail: reportedFailure => {
      failure ??= reportedFailure
      stopNow(new ClaimlogError(reportedFailure))
    },
    ending: ending.signal,
    isAborting: () => isAborting,
    reserve: () => {
      if (ending.signal.aborted || freePlaces <= 0) return false
      freePlaces -= 1
      return true
    },
    returnPlace: () => {
      freePlaces += 1
    },
    start: work => {
      const workEnd = work.catch(crash).finally(() => runningWork.delete(workEnd))
      runningWork.add(workEnd)
    },
    runningCount: () => runningWork.size,
    waitForAny: () => Promise.race(runningWork),
    waitForAll: async () => void (await Promise.all(runningWork)),
    addKeeper: keeper => {
      keepers.add(keeper)
      if (isAborting) keeper.stop(stoppedByWorker(stopCause))
    },
    removeKeeper: keeper => keepers.delete(keeper),
    keepers,
    emit: event => {
      if (event.event in counts) counts[event.event as keyof WorkerCounts] += 1
      if (listenerThrew) return
      try {
        onEvent?.(event)
      } catch (error) {
        listenerThrew = true
        crash(error)
      }
    },
    result: () => {
      if (defect !== undefined) throw defect.error
      return failure === undefined ? E.right({ ...counts }) : E.left(failure)
    },
    breaker: circuitBreaker(),
  }
}
