/** A worker: claims tasks, keeps each claim alive and reports what its handler returns. */
export { callIn } from './call-in.ts'
export { type Holding, holding, type HoldingOptions } from './holding.ts'
export { runWorker, type WorkerOptions, type WorkerSummary } from './run-worker.ts'
export type { Ended, Ending } from './take-tasks.ts'
export type { Counts } from './worker-state.ts'
export { watchHoldings } from './watch-holdings.ts'
export {
  type HeldTask,
  type TaskOutcome,
  type WorkerTrouble,
  type WorkHandler,
  type WorkOutcome,
  WorkStopped,
} from './work-handler.ts'
export type { WorkerEvent } from './worker-event.ts'
