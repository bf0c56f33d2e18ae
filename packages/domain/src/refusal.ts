import type { Kind, TaskId, WorkerName } from './names.ts'
import type { Time } from './scalars.ts'
import type { Claim, Hold, Status } from './task.ts'

/**
 * The domain's expected no: why a command cannot be carried out in this state, as data. `error` is the stable word that
 * users script against; each surface has one file that puts a refusal into sentences.
 */
export type Refusal =
  | { readonly error: 'no_workspace' }
  | { readonly error: 'bad_input'; readonly detail: string }
  | { readonly error: 'no_ready_task'; readonly kinds: ReadonlyArray<Kind>; readonly waiting: WaitingWork }
  | { readonly error: 'unknown_task'; readonly taskId: TaskId; readonly neededBy?: TaskId }
  | { readonly error: 'task_exists'; readonly taskId: TaskId; readonly fields: ReadonlyArray<string> }
  | {
      readonly error: 'task_finished'
      readonly taskId: TaskId
      readonly status: Status
      readonly worker?: WorkerName
      readonly otherResult?: true
    }
  | { readonly error: 'task_held'; readonly taskId: TaskId; readonly hold: Hold }
  | { readonly error: 'task_blocked'; readonly taskId: TaskId; readonly needs: ReadonlyArray<TaskId> }
  | { readonly error: 'not_due'; readonly taskId: TaskId; readonly dueAt: Time }
  | { readonly error: 'attempts_used_up'; readonly taskId: TaskId; readonly attempts: number }
  | { readonly error: 'kind_paused'; readonly kind: Kind; readonly reason?: string }
  | { readonly error: 'kind_full'; readonly kind: Kind; readonly limit: number }
  | { readonly error: 'already_claimed'; readonly taskId: TaskId; readonly claim: Claim }
  | { readonly error: 'not_claimed'; readonly taskId: TaskId }
  | { readonly error: 'not_holder'; readonly taskId: TaskId; readonly claim: Claim }
  | { readonly error: 'lease_lost'; readonly taskId: TaskId; readonly holder: Holder | undefined }
  | { readonly error: 'needs_cycle'; readonly path: ReadonlyArray<TaskId> }

/** Who has, or last had, a task that its former holder lost. */
export type Holder = { readonly worker: WorkerName; readonly token: number; readonly leaseUntil?: Time | null }

/** Why there is nothing to claim just now among the kinds asked for. */
export type WaitingWork = {
  readonly paused: ReadonlyArray<Kind>
  readonly full: ReadonlyArray<Kind>
  /** When the first lease ends or the first task falls due; undefined: only an event can change it. */
  readonly nextAt: Time | undefined
}

export type RefusalWord = Refusal['error']
