import * as t from 'io-ts'
import { listCodec, nullable } from '@claimlog/codecs'
import { Seq } from '@claimlog/domain'
import { object, type ObjectType, optional } from './object.ts'
import { NoNextTask } from './error-output.ts'
import { RulesView } from './rules.ts'
import { Amount, ClaimView, taskFields, TaskView } from './task.ts'
import type { View } from './view.ts'

/** The fields of the result of every command that writes. `durability`: `os` if a power cut may lose the change. */
export const writeResultFields = { ok: t.literal(true), seq: Seq, durability: optional(t.literal('os')) }
/** The fields that the command line adds to the result of a command that writes. */
export type WriteResult = Omit<ObjectType<typeof writeResultFields>, 'seq'>

const taskResultFields = { task: TaskView, claim: optional(ClaimView), seq: Seq }

export const TaskResult = object('task answered', 'a task after a command', taskResultFields)
/**
 * A task after a command, and the seq of the event that changed it.
 *
 * @interface
 */
export type TaskResult = View<typeof TaskResult>
/** A task after a command, with its claim. */
export type TaskWithClaim = Omit<TaskResult, 'seq'>

const claimResultFields = { task: TaskView, claim: ClaimView, seq: Seq }

export const ClaimResult = object('claimed answer', 'a task with its claim', claimResultFields)
/**
 * A claimed task with its claim, and the seq of the event that claimed it.
 *
 * @interface
 */
export type ClaimResult = View<typeof ClaimResult>

const rulesResultFields = { rules: RulesView, seq: Seq }

export const RulesResult = object('rules answered', 'the rules of a kind', rulesResultFields)
/**
 * The rules of a kind, and the seq of the event that changed them.
 *
 * @interface
 */
export type RulesResult = View<typeof RulesResult>

/** The output of `add <kind>`. */
export const AddOutput = object('add', 'the task that was added', { ...writeResultFields, ...taskResultFields })

/** The output of the commands for one task. */
export const TaskOutput = object('task answer', 'the task after the command, with its claim if it has one', {
  ...writeResultFields,
  ...taskResultFields,
})

/** The output of `claim`. */
export const ClaimOutput = object('claim answer', 'the claimed task, and the claim', {
  ...writeResultFields,
  ...claimResultFields,
})

// Its name and description are published, for the only field of a document that has this shape.
export const ClaimedTask = object('next task', 'the task that was claimed next, and the claim', {
  task: TaskView,
  claim: ClaimView,
})
/**
 * A claimed task with its claim.
 *
 * @interface
 */
export type ClaimedTask = View<typeof ClaimedTask>

/** The output of a command with `--claim-next`. */
export const ClaimNextOutput = object(
  'claim next',
  'the task whose claim was ended, and the task that was claimed next; null if none was ready, and no_next has the reason',
  { ...writeResultFields, ...taskResultFields, next: nullable(ClaimedTask), no_next: optional(NoNextTask) },
)
/** The task whose claim was ended, and the task that was claimed next, or the reason why there is none. */
export type ClaimNextOutput = View<typeof ClaimNextOutput>

const ClaimedTaskRow = object('claimed task', 'a claimed task with its claim', {
  ...taskFields,
  claim: ClaimView,
})

export const ClaimManyOutput = object(
  'claim count',
  'the tasks that were claimed in one decision, in the order in which they were claimed',
  { ...writeResultFields, tasks: listCodec(ClaimedTaskRow, 'claimed tasks') },
)
/** The output of `claim --count`. */
export type ClaimManyOutput = View<typeof ClaimManyOutput>

/** The output of `add -`. */
export const AddManyOutput = object('add many', 'the tasks that were added, in the order of the input lines', {
  ...writeResultFields,
  tasks: listCodec(TaskView, 'tasks'),
})

/** The output of the commands for a kind. */
export const RulesOutput = object('rules answer', 'the rules of the kind after the command', {
  ...writeResultFields,
  ...rulesResultFields,
})

export const InitView = object(
  'init',
  'the workspace; dir: its directory; log: the URL of its log, if that is on a server; created: false if it already existed; from: the log that its history was copied from; kept_as: the file for the log that was there before',
  {
    ...writeResultFields,
    workspace: t.string,
    dir: t.string,
    log: optional(t.string),
    created: t.boolean,
    from: optional(t.string),
    kept_as: optional(t.string),
  },
)
/** The output of `init`. */
export type InitView = View<typeof InitView>

export const ReplayView = object(
  'replay',
  'the number of tasks in events.jsonl, and the result for queue.json; checkpoint is present if the checkpoint agrees too',
  {
    ok: t.literal(true),
    seq: Seq,
    tasks: Amount,
    queue_file: t.keyof({ written: null, 'the same': null }),
    checkpoint: optional(t.literal('the same')),
  },
)
/** The output of `replay`. */
export type ReplayView = View<typeof ReplayView>

export const WaitView = object(
  'wait',
  'the tasks that were waited for, all done, in the order they were given; absent if the wait was for an empty queue',
  { ok: t.literal(true), seq: Seq, tasks: optional(listCodec(TaskView, 'tasks')) },
)
/** The output of `wait`. */
export type WaitView = View<typeof WaitView>

export const MigrateView = object('migrate', 'the SQL that prepares a database for logs', {
  ok: t.literal(true),
  sql: t.string,
})
/** The output of `migrate`. */
export type MigrateView = View<typeof MigrateView>

export const MoveView = object(
  'move',
  'a log that was moved; from and to: its directory or URL; changed: false if it was there already; seq: its last event',
  { ...writeResultFields, from: t.string, to: t.string, changed: t.boolean },
)
/** The output of `move`. */
export type MoveView = View<typeof MoveView>

export const VerifyView = object('verify', 'every line is valid; hash is the hash of the last line', {
  ok: t.literal(true),
  seq: Seq,
  hash: t.string,
  unfinished_bytes: Amount,
})
/** The output of `verify`. */
export type VerifyView = View<typeof VerifyView>
