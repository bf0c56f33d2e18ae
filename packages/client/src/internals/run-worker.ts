import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refusal } from '@claimlog/domain'
import {
  runWorker as runWorkspaceWorker,
  type WorkerOptions,
  type WorkerSummary,
  type WorkerFailure,
  type WorkHandler,
} from '@claimlog/worker'
import type { QueueParts } from '../local-queue.ts'

/** Runs a worker on an open queue, like `runWorker` of `@claimlog/worker` on a workspace. */
export const runWorker = (
  { workspace }: QueueParts,
  options: WorkerOptions,
  handler: WorkHandler,
): TE.TaskEither<Refusal | WorkerFailure, WorkerSummary> => runWorkspaceWorker(workspace, options, handler)
