import * as E from 'fp-ts/lib/Either.js'
import { type CircuitBreaker, circuitBreaker } from './circuit-breaker.ts'
import { type Holding, toldToStop } from './holding.ts'
import type { WorkerTrouble } from './work-handler.ts'
import type { WorkerEvent } from './worker-event.ts'

/** How many of the tasks that a worker took came to which end. */
export type Counts = {
  readonly completed: number
  readonly failed: number
  readonly released: number
  readonly lost: number
}

/**
 * All that changes while a worker works, and all that changes it:
 *
 * ```
 *   taking ──endSoon: it was told to stop──► ending      takes no more; what runs goes on to its end
 *      │                                       │
 *      └──endNow: told to stop at once,        │
 *         fail: the log or its own part failed,│
 *         it or its listener threw ────────────┴──► hurried      what runs is stopped, and given back
 * ```
 *
 * It never goes back. A task takes a place by `reserve`, runs from `start` to the end of its work, and is held from `hold`
 * to `letGo`, within that. Places that come to no task, or to one that was not started, are given back.
 */
export type WorkerState = {
  /** Has the worker take no more tasks. */
  readonly endSoon: () => void
  /** The same, and has it give back those that it has. */
  readonly endNow: () => void
  /** Ends it now, for a reason that is told in the end; the first such reason is. */
  readonly fail: (trouble: WorkerTrouble) => void
  /** Ends it now, for a defect: it is thrown once all that the worker held is given back. */
  readonly crash: (defect: unknown) => void
  /** Aborts when no more shall be taken. */
  readonly ending: AbortSignal
  /** Whether the work that goes on is to end at once. */
  readonly isHurried: () => boolean

  /** Takes a place for a task to be claimed; false: there is none left. */
  readonly reserve: () => boolean
  readonly giveBack: () => void

  readonly start: (work: Promise<void>) => void
  readonly runningCount: () => number
  /** Resolves when any of the work that goes on ends. */
  readonly oneEnded: () => Promise<void>
  readonly allEnded: () => Promise<void>

  readonly hold: (holding: Holding) => void
  readonly letGo: (holding: Holding) => void
  readonly holdings: ReadonlySet<Holding>

  /** Tells the worker's listener, and counts. One that throws is told no more, and the worker ends now. */
  readonly emit: (event: WorkerEvent) => void
  /** What became of the tasks. Throws what the listener threw, or a defect. */
  readonly counted: () => E.Either<WorkerTrouble, Counts>

  /** Whether this machine lets the worker do its part. */
  readonly breaker: CircuitBreaker
}

/** `maxTasks`: how many places there are in all. */
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
  /** What is held must be given back before it is thrown on. */
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
