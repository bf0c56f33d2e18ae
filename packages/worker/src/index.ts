/** A worker: claims tasks, keeps each claim alive and reports what its handler returns. */
export { startTimer } from './long-timer.ts'
export { type LeaseKeeper, keepLease, type LeaseKeeperOptions } from './lease-keeper.ts'
export { runWorker, type WorkerOptions, type WorkerSummary } from './run-worker.ts'
export type { WorkerEndReason, WorkerEnd } from './claim-tasks.ts'
export type { WorkerCounts } from './worker-state.ts'
export { watchClaims } from './watch-claims.ts'
export {
  type HandlerContext,
  type TaskOutcome,
  type WorkerFailure,
  type WorkHandler,
  type WorkOutcome,
  WorkStopped,
} from './work-handler.ts'
export type { WorkerEvent } from './worker-event.ts'
