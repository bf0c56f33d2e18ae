import * as E from 'fp-ts/lib/Either.js'
import { type CircuitBreaker, circuitBreaker } from './circuit-breaker.ts'
import { type Holding, toldToStop } from './holding.ts'
import type { WorkerTrouble } from './work-handler.ts'
import type { WorkerEvent } from './worker-event.ts'

/** Number of a worker's tasks per outcome. */
export type Counts = {
  readonly completed: number
  readonly failed: number
  readonly released: number
  readonly lost: number
}

/**
 * The mutable state of a running worker, and all operations that change it:
 *
 * ```
 *   taking ──stopClaiming: the stop signal──► ending      claims no more; running work continues to its end
 *      │                                        │
 *      └──stopNow: the stopNow signal,          │
 *         fail: the log or its own part failed, │
 *         it or its listener threw ─────────────┴──► aborting    running work is stopped, and released
 * ```
 *
 * It never goes back. A task takes a place with `reserve` and runs from `start` to the end of its work; meanwhile its
 * claim is kept, from `addKeeper` to `removeKeeper`. A place is returned if no task was claimed for it, or if the worker
 * did not start the task.
 */
export type WorkerState = {
  /** Stops claiming tasks. */
  readonly endSoon: () => void
  /** Stops claiming tasks, and releases those that the worker has. */
  readonly endNow: () => void
  /** Ends the worker now, with a failure; only the first one is reported. */
  readonly fail: (trouble: WorkerTrouble) => void
  /** Ends the worker now, for a defect: it is thrown once every claim is released. */
  readonly crash: (defect: unknown) => void
  /** Aborts when no more tasks may be claimed. */
  readonly ending: AbortSignal
  /** True if running work must end at once. */
  readonly isHurried: () => boolean

  /** Takes a place for a task to be claimed; false: there is none left. */
  readonly reserve: () => boolean
  readonly giveBack: () => void

  readonly start: (work: Promise<void>) => void
  readonly runningCount: () => number
  /** Resolves when any running work ends. */
  readonly oneEnded: () => Promise<void>
  readonly allEnded: () => Promise<void>

  readonly hold: (holding: Holding) => void
  readonly letGo: (holding: Holding) => void
  readonly holdings: ReadonlySet<Holding>

  /** Calls the worker's listener, and counts. A listener that throws is not called again, and the worker ends now. */
  readonly emit: (event: WorkerEvent) => void
  /** The outcomes of the tasks. Throws what the listener threw, or a defect. */
  readonly counted: () => E.Either<WorkerTrouble, Counts>

  /** Stops claims while this machine cannot run tasks. */
  readonly breaker: CircuitBreaker
}

/** `maxTasks`: the number of places in all. */
type Options = { readonly maxTasks?: number; readonly onEvent?: (event: WorkerEvent) => void }

export const workerState = ({ maxTasks = Infinity, onEvent }: Options): WorkerState => {
  const ending = new AbortController()
  const running = new Set<Promise<void>>()
  const holdings = new Set<Holding>()
  const counts = { completed: 0, failed: 0, released: 0, lost: 0 }
  let placesLeft = maxTasks
  let isHurried = false
  let failure: WorkerTrouble | undefined
  let thrown: { readonly what: unknown } | undefined
  let listenerThrew = false

  const endSoon = (): void => ending.abort()
  const endNow = (): void => {
    isHurried = true
    endSoon()
    for (const holding of holdings) holding.stop(toldToStop())
  }
  /** Every claim must be released before the error is rethrown. */
  const crash = (what: unknown): void => {
    thrown ??= { what }
    endNow()
  }
  return {
    endSoon,
    endNow,
    crash,
    fail: trouble => {
      failure ??= trouble
      endNow()
    },
    ending: ending.signal,
    isHurried: () => isHurried,
    reserve: () => {
      if (ending.signal.aborted || placesLeft <= 0) return false
      placesLeft -= 1
      return true
    },
    giveBack: () => {
      placesLeft += 1
    },
    start: work => {
      const ended = work.catch(crash).finally(() => running.delete(ended))
      running.add(ended)
    },
    runningCount: () => running.size,
    oneEnded: () => Promise.race(running),
    allEnded: async () => void (await Promise.all(running)),
    hold: holding => {
      holdings.add(holding)
      if (isHurried) holding.stop(toldToStop())
    },
    letGo: holding => holdings.delete(holding),
    holdings,
    emit: event => {
      if (event.event in counts) counts[event.event as keyof Counts] += 1
      if (listenerThrew) return
      try {
        onEvent?.(event)
      } catch (what) {
        listenerThrew = true
        crash(what)
      }
    },
    counted: () => {
      if (thrown !== undefined) throw thrown.what
      return failure === undefined ? E.right({ ...counts }) : E.left(failure)
    },
    breaker: circuitBreaker(),
  }
}
