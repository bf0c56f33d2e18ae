import type { Json } from '@claimlog/codecs'
import type { TaskId } from '@claimlog/domain'
import type { ClaimView, TaskView } from '@claimlog/wire'
import type { WorkerTrouble } from './work-handler.ts'

/** What happens to a worker, in the order in which it does. */
export type WorkerEvent =
  | { readonly event: 'claimed'; readonly task: TaskView; readonly claim: ClaimView }
  /** Somebody has said how far the task is: its handler, or a command within it. */
  | { readonly event: 'progressed'; readonly taskId: TaskId; readonly claim: ClaimView & { readonly progress: Json } }
  /** The claim was settled; `task` is as it was left. */
  | {
      readonly event: 'completed' | 'failed' | 'released'
      readonly task: TaskView
      readonly claim: ClaimView
      readonly tookMs: number
    }
  /** The claim is over without a word of the worker's: `why` says what became of it, or that the work itself settled it. */
  | {
      readonly event: 'lost'
      readonly taskId: TaskId
      readonly claim: ClaimView
      readonly why: string
      readonly tookMs: number
    }
  /** Something came in between and is tried again. */
  | { readonly event: 'delayed'; readonly failure: WorkerTrouble; readonly taskId?: TaskId }
