import type { Json } from '@claimlog/codecs'
import type { Backoff } from '../values/backoff.ts'
import type { Kind, Label, TaskId, Time, WorkerName } from '../values/scalars.ts'

/**
 * Where a task is. It needs no clock, and a claim does not change it:
 *
 * ```
 *              unheld, needs done
 *   blocked ◄──────────────────────► ready ──completed──► done
 *              held, a need open       │ ├──failed, no attempts left──► failed
 *                                      │ └──cancelled──► cancelled      (blocked tasks too)
 *                                      └◄── retried ── done, failed, cancelled
 * ```
 */
export type Status = 'blocked' | 'ready' | 'done' | 'failed' | 'cancelled'

/** Which event it was, and when. */
export type Moment = { readonly seq: number; readonly time: Time }

/** The event by which somebody ordered something: which, when, why and who. */
export type OrderMoment = Moment & { readonly reason?: string; readonly by?: Label }

/**
 * A worker's hold on a task. `token` is the `seq` of its event: it only grows, so it serves as a fencing token.
 * `leaseUntil` null: it has no end; `leaseSetBy` is the event that said so last. `lapsed`: a later claim has seen the lease
 * end, `for good` if no attempts are left; until somebody else claims the task or it fails, its holder may still renew or
 * settle it.
 */
export type Claim = {
  readonly worker: WorkerName
  readonly token: number
  readonly attempt: number
  readonly claimedAt: Time
  readonly leaseUntil: Time | null
  readonly leaseSetBy: Moment
  readonly lapsed: false | 'for now' | 'for good'
  readonly progress?: Json
}

/** How a task's last claim ended by its holder's own word. */
export type Settlement = {
  readonly event: 'completed' | 'failed' | 'released'
  readonly seq: number
  readonly time: Time
  readonly worker: WorkerName
  readonly token: number
  readonly result?: Json
  readonly error?: string
  readonly retryAt?: Time | null
}

/** Somebody put the task aside. */
export type Hold = OrderMoment

/** What whoever added the task said of it, and what amendments changed. */
export type TaskSpec = {
  readonly title?: string
  readonly payload?: Json
  readonly needs?: ReadonlyArray<TaskId>
  readonly priority?: number
  readonly notBefore?: Time
  readonly maxAttempts?: number
  readonly backoff?: Backoff
  readonly leaseMs?: number | null
  readonly key?: Label
  readonly tags?: ReadonlyArray<Label>
}

/** What `said` says of a task, and nothing else that it may hold. */
export const specOf = (said: TaskSpec): TaskSpec => {
  const { title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, key, tags } = said
  return { title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, key, tags }
}

/** One piece of work. A record is never changed, only replaced. */
export type Task = {
  readonly id: TaskId
  readonly kind: Kind
  /** The `seq` of its `added` event: the order of age. */
  readonly seq: number
  readonly addedAt: Time
  readonly spec: TaskSpec
  /** The event that set `spec.notBefore`, where it is set. */
  readonly notBeforeSetBy?: Moment
  /** The event that had it done again, where it was finished once. */
  readonly revived?: Moment
  readonly status: Status
  /** Claims that count: every claim but those that were released. */
  readonly attempts: number
  /** How many of `spec.needs` are not done. */
  readonly openNeeds: number
  readonly hold?: Hold
  readonly claim?: Claim
  /** It is not to be claimed before; gone once a claim has seen that moment pass. */
  readonly dueAt?: Time
  readonly settled?: Settlement
  /** Who held it until somebody else took it over, newest last, at most {@link maxLostClaims}. */
  readonly lost?: ReadonlyArray<{ readonly worker: WorkerName; readonly token: number }>
  /** The event that finished it; a cancellation may say why. */
  readonly finished?: OrderMoment
}

/** A record before anybody else has it. */
export type TaskDraft = { -readonly [K in keyof Task]: Task[K] }

/**
 * A copy of a record, to be changed and then left alone. Field by field: a spread that changes a field takes ten times as
 * long, and this happens with every event. Every field is there, so that all records have one shape.
 */
export const draftOf = (task: Task): TaskDraft => ({
  id: task.id,
  kind: task.kind,
  seq: task.seq,
  addedAt: task.addedAt,
  spec: task.spec,
  notBeforeSetBy: task.notBeforeSetBy,
  status: task.status,
  attempts: task.attempts,
  openNeeds: task.openNeeds,
  hold: task.hold,
  claim: task.claim,
  dueAt: task.dueAt,
  settled: task.settled,
  lost: task.lost,
  finished: task.finished,
  revived: task.revived,
})

/** Past holders remembered per task, so that a late one is told `lease_lost` and not merely `not_holder`. */
export const maxLostClaims = 16

const defaultPriority = 5

export const priorityOf = (task: Task): number => task.spec.priority ?? defaultPriority

export const isFinished = (task: Task): boolean =>
  task.status === 'done' || task.status === 'failed' || task.status === 'cancelled'

/** Whether `a` is handed out before `b`: by priority, then by age. */
export const comesBefore = (a: Task, b: Task): boolean =>
  priorityOf(a) === priorityOf(b) ? a.seq < b.seq : priorityOf(a) < priorityOf(b)

/** Whether `claim` keeps others out at `now`: a task is free again at the instant its lease ends. */
export const isLive = (claim: Claim, now: Time): boolean => claim.leaseUntil === null || now < claim.leaseUntil

/** A task's record as text; {@link readTask} makes the same record of it. */
export const storedTask = (task: Task): string => JSON.stringify(task)

/**
 * The record that {@link storedTask} wrote. Every field is there, undefined where it has no value, as in a record that was
 * folded: records of one shape are faster to work on.
 */
export const readTask = (text: string): Task => {
  const said = JSON.parse(text) as Task
  const everyField: { readonly [K in keyof Required<Task>]: Task[K] } = {
    id: said.id,
    kind: said.kind,
    seq: said.seq,
    addedAt: said.addedAt,
    spec: specOf(said.spec),
    notBeforeSetBy: said.notBeforeSetBy,
    status: said.status,
    attempts: said.attempts,
    openNeeds: said.openNeeds,
    hold: said.hold,
    claim: said.claim,
    dueAt: said.dueAt,
    settled: said.settled,
    lost: said.lost,
    finished: said.finished,
    revived: said.revived,
  }
  return everyField
}
