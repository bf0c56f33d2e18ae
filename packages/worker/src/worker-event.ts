import type { Json } from '@claimlog/codecs'
import type { TaskId } from '@claimlog/domain'
import type { ClaimView, TaskView } from '@claimlog/wire'
import type { WorkerFailure } from './work-handler.ts'

/** The events of a worker, in the order in which they happen. */
export type WorkerEvent =
  | { readonly event: 'claimed'; readonly task: TaskView; readonly claim: ClaimView }
  /** Progress was recorded, by the handler or by a command that it runs. */
  | { readonly event: 'progressed'; readonly taskId: TaskId; readonly claim: ClaimView & { readonly progress: Json } }
  /** The claim was ended; `task` is its state after that. */
  | {
      readonly event: 'completed' | 'released'
      readonly task: TaskView
      readonly claim: ClaimView
      readonly tookMs: number
    }
  /** The attempt failed. `cause`: the value that the handler threw or, if its time was up, that stopped it. */
  | {
      readonly event: 'failed'
      readonly task: TaskView
      readonly claim: ClaimView
      readonly tookMs: number
      readonly cause?: unknown
    }
  /** The claim has ended without the worker's report: `why` is what happened, or that the work itself ended it. */
  | {
      readonly event: 'lost'
      readonly taskId: TaskId
      readonly claim: ClaimView
      readonly why: string
      readonly tookMs: number
    }
  /** A temporary failure, which is retried. */
  | { readonly event: 'delayed'; readonly failure: WorkerFailure; readonly taskId?: TaskId }
