import type { Kind, Label, TaskId, Time, WorkerName } from '../values/scalars.ts'
import type { Claim, Hold, Status } from '../state/task.ts'
import type { UnknownKind } from '../queries/kinds.ts'
import type { Guard } from './claims/guards.ts'

/**
 * The domain's expected no: why a command cannot be carried out in this state, as data. `error` is the stable word that
 * users script against; each surface has one file that puts a refusal into sentences.
 */
export type Refusal =
  | { readonly error: 'no_workspace' }
  | { readonly error: 'bad_input'; readonly detail: string }
  | NoReadyTask
  | { readonly error: 'unknown_task'; readonly taskId: TaskId; readonly neededBy?: TaskId }
  | {
      readonly error: 'task_exists'
      readonly taskId: TaskId
      readonly fields: ReadonlyArray<string>
      /** It differs from the one in a file. */
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
  | { readonly error: 'not_holder'; readonly taskId: TaskId; readonly claim: Claim; readonly speaker: SpeakerNamed }
  | {
      readonly error: 'lease_lost'
      readonly taskId: TaskId
      readonly holder: Holder | undefined
      readonly speaker: SpeakerNamed
      /** The speaker's claim ended without a word from its holder; false: all that is known is that it is not the last. */
      readonly lapsed: boolean
    }
  | { readonly error: 'needs_cycle'; readonly path: ReadonlyArray<TaskId> }
  | { readonly error: 'seq_conflict'; readonly expectedSeq: number; readonly seq: number }
  | { readonly error: 'request_reused'; readonly requestId: Label; readonly seq: number }

/** There is nothing to claim now among `kinds`; none named: of any kind. */
export type NoReadyTask = {
  readonly error: 'no_ready_task'
  readonly kinds: ReadonlyArray<Kind>
  readonly waiting: WaitingWork
}

/** Who spoke of a claim, and the token that was given with it. */
export type SpeakerNamed = { readonly worker: WorkerName; readonly token: number | undefined }

/** Who has, or last had, a task that its former holder lost. */
export type Holder = { readonly worker: WorkerName; readonly token: number; readonly leaseUntil?: Time | null }

/** Why there is nothing to claim just now among the kinds asked for. */
export type WaitingWork = {
  /** The kinds asked for that have work which cannot be handed out, or a rule against it; of any kind the first hundred by name. */
  readonly kinds: ReadonlyArray<KindWaiting>
  /** If any kind was asked for and there are more: how many, and how many of their tasks wait for what. */
  readonly more?: MoreWaiting
  /** The first tasks of these kinds in order, each with what stands in its way; at most {@link maxTasksExplained}. */
  readonly tasks: ReadonlyArray<WaitingTask>
  /** When the first lease ends or the first task falls due; undefined: only an event can change it. */
  readonly nextAt: Time | undefined
  /** The kinds asked for that are not known, where there are any: they may be spelt wrong. */
  readonly unknown?: ReadonlyArray<UnknownKind>
}

/** The gravest guards of a task, at most {@link maxGuardsExplained}, and how many more it has. */
export type WaitingTask = {
  readonly taskId: TaskId
  readonly guards: ReadonlyArray<Guard>
  readonly moreGuards: number
}

/** How many tasks of a kind wait for what. `ready` ones wait for the kind alone: it is paused or full. */
export type KindWaiting = {
  readonly kind: Kind
  readonly closed: 'paused' | 'full' | undefined
  readonly ready: number
  readonly claimed: number
  readonly due: number
  readonly blocked: number
}

/** Kinds that are not told of one by one. */
export type MoreWaiting = { readonly kinds: number } & Pick<KindWaiting, 'claimed' | 'due' | 'blocked'>

export const maxKindsExplained = 100
/** Enough to see what is wrong; `why` tells of any other. */
export const maxTasksExplained = 3
export const maxGuardsExplained = 10

/** The stable words of refusals. */
export type RefusalWord = Refusal['error']
