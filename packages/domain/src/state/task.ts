import type { Json } from '@claimlog/codecs'
import type { Backoff } from '../values/backoff.ts'
import type { Kind, Label, TaskId, Time, WorkerName } from '../values/scalars.ts'

/**
 * The status of a task. It depends on no clock, and a claim does not change it:
 *
 * ```
 *          unheld, dependencies done
 *   blocked ◄──────────────────────► ready ──completed──► done
 *          held, a dependency open     │ ├──failed, no attempts left──► failed
 *                                      │ └──cancelled──► cancelled      (blocked tasks too)
 *                                      └◄── retried ── done, failed, cancelled
 * ```
 */
export type Status = 'blocked' | 'ready' | 'done' | 'failed' | 'cancelled'

/** A reference to an event: its number and its time. */
export type EventRef = { readonly seq: number; readonly time: Time }

/** The event of an operator's command, with the reason and the author. */
export type OperatorAction = EventRef & { readonly reason?: string; readonly by?: Label }

/**
 * A worker's claim on a task. `token` is the `seq` of its event: it only grows, so it serves as a fencing
 * token. `leaseUntil` is null if the lease has no end; `leaseSetBy` is the last event that set it. `lapsed` is
 * set once a later claim has found the lease expired, to `for good` if no attempts are left. Until another
 * worker claims the task or the task fails, the holder may still renew or finish the claim.
 */
export type Claim = {
  readonly worker: WorkerName
  readonly token: number
  readonly attempt: number
  readonly claimedAt: Time
  readonly leaseUntil: Time | null
  readonly leaseSetBy: EventRef
  readonly lapsed: false | 'for now' | 'for good'
  readonly progress?: Json
}

/** The end of a task's last claim that its holder reported: completed, failed or released. */
export type ClaimEnd = {
  readonly event: 'completed' | 'failed' | 'released'
  readonly seq: number
  readonly time: Time
  readonly worker: WorkerName
  readonly token: number
  readonly result?: Json
  readonly error?: string
  readonly retryAt?: Time | null
}

/** The event that put the task on hold. */
export type Hold = OperatorAction

/** The fields that were given when the task was added, with the changes of later amendments. */
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

/** Copies the fields of a task spec and drops all others. */
export const pickSpec = (source: TaskSpec): TaskSpec => {
  const { title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, key, tags } = source
  return { title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, key, tags }
}

/** One piece of work. A record is never changed, only replaced. */
export type Task = {
  readonly id: TaskId
  readonly kind: Kind
  /** The `seq` of its `added` event. Tasks are ordered by age with it. */
  readonly seq: number
  readonly addedAt: Time
  readonly spec: TaskSpec
  /** The event that set `spec.notBefore`, if it is set. */
  readonly notBeforeSetBy?: EventRef
  /** The last `retried` event, if there was one. */
  readonly retriedBy?: EventRef
  readonly status: Status
  /** The number of claims, without those that were released. */
  readonly attempts: number
  /** The number of `spec.needs` that are not done. */
  readonly openNeeds: number
  readonly hold?: Hold
  readonly claim?: Claim
  /** The task must not be claimed before this time. Removed by the first claim after it. */
  readonly dueAt?: Time
  readonly lastClaimEnd?: ClaimEnd
  /** Past holders that lost their claim without finishing it, newest last, at most {@link lostClaimsMax}. */
  readonly lost?: ReadonlyArray<{ readonly worker: WorkerName; readonly token: number }>
  /** The event that finished the task; only a cancellation has a reason. */
  readonly finished?: OperatorAction
}

/** A record that is still private to the code that builds it. */
export type MutableTask = { -readonly [K in keyof Task]: Task[K] }

/**
 * A copy of a record that may be changed until it is published. Copied field by field because a spread that
 * changes a field takes ten times as long, and this runs for every event. Every field is present so that all
 * records have one shape.
 */
export const mutableCopy = (task: Task): MutableTask => ({
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
  lastClaimEnd: task.lastClaimEnd,
  lost: task.lost,
  finished: task.finished,
  retriedBy: task.retriedBy,
})

/** Past holders kept per task, so that a late one gets `lease_lost` and not merely `not_holder`. */
export const lostClaimsMax = 16

const defaultPriority = 5

export const taskPriority = (task: Task): number => task.spec.priority ?? defaultPriority

export const isFinished = (task: Task): boolean =>
  task.status === 'done' || task.status === 'failed' || task.status === 'cancelled'

/** True if `a` is claimed before `b`: by priority, then by age. */
export const isClaimedFirst = (a: Task, b: Task): boolean =>
  taskPriority(a) === taskPriority(b) ? a.seq < b.seq : taskPriority(a) < taskPriority(b)

/** True if the lease has not expired at `now`. At `leaseUntil` itself it has. */
export const isLive = (claim: Claim, now: Time): boolean => claim.leaseUntil === null || now < claim.leaseUntil

/** Serializes a task's record as JSON; the inverse of {@link parseTask}. */
export const serializeTask = (task: Task): string => JSON.stringify(task)

/**
 * Parses a record that {@link serializeTask} wrote. Every field is present, undefined if it has no value, as in a
 * folded record: records of one shape are faster to process.
 */
export const parseTask = (text: string): Task => {
  const source = JSON.parse(text) as Task
  const task: { readonly [K in keyof Required<Task>]: Task[K] } = {
    id: source.id,
    kind: source.kind,
    seq: source.seq,
    addedAt: source.addedAt,
    spec: pickSpec(source.spec),
    notBeforeSetBy: source.notBeforeSetBy,
    status: source.status,
    attempts: source.attempts,
    openNeeds: source.openNeeds,
    hold: source.hold,
    claim: source.claim,
    dueAt: source.dueAt,
    lastClaimEnd: source.lastClaimEnd,
    lost: source.lost,
    finished: source.finished,
    retriedBy: source.retriedBy,
  }
  return task
}
