import type { Kind, Label, TaskId, Time, WorkerName } from '../values/scalars.ts'
import type { Claim, Hold, Status } from '../state/task.ts'
import type { UnknownKind } from '../queries/kinds.ts'
import type { BadInputDetail } from './bad-input.ts'
import type { Guard } from './claims/guards.ts'

/**
 * Why a command is rejected in this state, as data. `error` is the stable code that scripts match on; the messages for
 * people are built elsewhere.
 */
export type Refusal =
  | { readonly error: 'no_workspace' }
  /** The log was moved and accepts no more events; it continues at `target`, a URL or a directory. */
  | { readonly error: 'workspace_moved'; readonly target: string }
  | { readonly error: 'bad_input'; readonly detail: BadInputDetail }
  | NoReadyTask
  | { readonly error: 'unknown_task'; readonly taskId: TaskId; readonly dependentId?: TaskId }
  | {
      readonly error: 'task_exists'
      readonly taskId: TaskId
      /** The names of the fields that differ. */
      readonly fields: ReadonlyArray<string>
      /** The task differs from one in an imported file. */
      readonly imported?: true
    }
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
  | { readonly error: 'kind_paused'; readonly kind: Kind; readonly seq: number; readonly reason?: string }
  | { readonly error: 'kind_full'; readonly kind: Kind; readonly limit: number }
  | { readonly error: 'already_claimed'; readonly taskId: TaskId; readonly claim: Claim; readonly needs?: TaskId }
  | { readonly error: 'not_claimed'; readonly taskId: TaskId }
  | {
      readonly error: 'not_holder'
      readonly taskId: TaskId
      readonly claim: Claim
      readonly credentials: ClaimCredentials
    }
  | {
      readonly error: 'lease_lost'
      readonly taskId: TaskId
      readonly holder: LeaseHolder | undefined
      readonly credentials: ClaimCredentials
      /** True if the caller's claim is known to have expired; false: all we know is that a later claim exists. */
      readonly expired: boolean
    }
  | { readonly error: 'needs_cycle'; readonly path: ReadonlyArray<TaskId> }
  | { readonly error: 'seq_conflict'; readonly expectedSeq: number; readonly seq: number }
  | { readonly error: 'request_reused'; readonly requestId: Label; readonly seq: number }

/** No task of `kinds` can be claimed now. An empty list means any kind. */
export type NoReadyTask = {
  readonly error: 'no_ready_task'
  readonly kinds: ReadonlyArray<Kind>
  readonly waiting: WaitingWork
}

/** The worker and token that the caller presented. */
export type ClaimCredentials = { readonly worker: WorkerName; readonly token: number | undefined }

/** The current or last holder of a task that the caller has lost. */
export type LeaseHolder = { readonly worker: WorkerName; readonly token: number; readonly leaseUntil?: Time | null }

/** Why no task of the requested kinds can be claimed now. */
export type WaitingWork = {
  /** The requested kinds that have waiting tasks, are paused or are full; for any kind, the first hundred by name. */
  readonly kinds: ReadonlyArray<WaitingCounts>
  /** Totals of the kinds that `kinds` omits, if any kind was requested and there are more. */
  readonly more?: OmittedCounts
  /** The first tasks of these kinds in claim order, with their guards; at most {@link explainedTasksMax}. */
  readonly tasks: ReadonlyArray<WaitingTask>
  /** When the first lease ends or the first task is due; undefined: only an event can change the result. */
  readonly nextAt: Time | undefined
  /** The requested kinds that no task has, if any: they may be misspelt. */
  readonly unknown?: ReadonlyArray<UnknownKind>
}

/** The first guards of a task, at most {@link explainedGuardsMax}, and how many more it has. */
export type WaitingTask = {
  readonly taskId: TaskId
  readonly guards: ReadonlyArray<Guard>
  readonly moreGuards: number
}

/** The waiting tasks of a kind, by what they wait for. `ready` tasks wait only because the kind is paused or full. */
export type WaitingCounts = {
  readonly kind: Kind
  readonly closed: 'paused' | 'full' | undefined
  readonly ready: number
  readonly claimed: number
  readonly due: number
  readonly blocked: number
}

/** Totals of the kinds that are not listed one by one. */
export type OmittedCounts = { readonly kinds: number } & Pick<WaitingCounts, 'claimed' | 'due' | 'blocked'>

export const explainedKindsMax = 100
/** Enough to see the problem; `why` explains any other task. */
export const explainedTasksMax = 3
export const explainedGuardsMax = 10

/** The stable error codes of refusals. */
export type RefusalCode = Refusal['error']
