import * as t from 'io-ts'
import { listOf, orNull } from '@claimlog/codecs'
import { Seq } from '@claimlog/domain'
import { object, type ObjectOf, optional } from './object.ts'
import { NoNextTask } from './problem.ts'
import { RulesView } from './rules.ts'
import { Amount, ClaimView, taskFields, TaskView } from './task.ts'

/** What the answer of every command that writes holds; `durability` where a power cut may take it back. */
export const writtenFields = { ok: t.literal(true), seq: Seq, durability: optional(t.literal('os')) }
/** What the command line adds to the answer of a command that writes. */
export type Written = Omit<ObjectOf<typeof writtenFields>, 'seq'>

const taskAnswered = { task: TaskView, claim: optional(ClaimView), seq: Seq }

export const TaskAnswered = object('task answered', 'a task as a command left it', taskAnswered)
/**
 * A task as a command left it, and the seq of the event that made it so.
 *
 * @interface
 */
export type TaskAnswered = t.TypeOf<typeof TaskAnswered>
/** A task with its claim beside it, as a command left it. */
export type TaskAnswer = Omit<TaskAnswered, 'seq'>

const claimedAnswer = { task: TaskView, claim: ClaimView, seq: Seq }

export const ClaimedAnswer = object('claimed answer', 'a task with its claim', claimedAnswer)
/**
 * A task with its claim, and the seq of the event that made it so.
 *
 * @interface
 */
export type ClaimedAnswer = t.TypeOf<typeof ClaimedAnswer>

const rulesAnswer = { rules: RulesView, seq: Seq }

export const RulesAnswer = object('rules answered', 'the rules of a kind', rulesAnswer)
/**
 * The rules of a kind, and the seq of the event that made them so.
 *
 * @interface
 */
export type RulesAnswer = t.TypeOf<typeof RulesAnswer>

/** What `add <kind>` prints. */
export const PrintedAdd = object('add', 'the task that was added', { ...writtenFields, ...taskAnswered })

/** What the commands about one task print. */
export const PrintedTask = object('task answer', 'the task as the command left it, with its claim where it has one', {
  ...writtenFields,
  ...taskAnswered,
})

/** What `claim` prints. */
export const PrintedClaim = object('claim answer', 'the task that was handed out, and the claim', {
  ...writtenFields,
  ...claimedAnswer,
})

// Its name and description are published: they are those of the one place in a document that has this shape.
export const ClaimedTask = object('next task', 'the task that was claimed next, and the claim', {
  task: TaskView,
  claim: ClaimView,
})
/**
 * A task with the claim that was made on it.
 *
 * @interface
 */
export type ClaimedTask = t.TypeOf<typeof ClaimedTask>

/** What a command with `--claim-next` prints. */
export const PrintedNext = object(
  'claim next',
  'the task whose claim was ended, and the one that was claimed next; null: none was ready, and no_next says why',
  { ...writtenFields, ...taskAnswered, next: orNull(ClaimedTask), no_next: optional(NoNextTask) },
)
/** The task whose claim was ended, and the one that was claimed next, or why there is none. */
export type PrintedNext = t.TypeOf<typeof PrintedNext>

const ListedClaim = object('claimed task', 'a task that was handed out, with its claim beside it', {
  ...taskFields,
  claim: ClaimView,
})

export const ClaimedTasks = object(
  'claim count',
  'the tasks that were handed out in one decision, in the order they are handed out in',
  { ...writtenFields, tasks: listOf(ListedClaim, 'claimed tasks') },
)
/** What `claim --count` prints. */
export type ClaimedTasks = t.TypeOf<typeof ClaimedTasks>

/** What `add -` prints. */
export const AddedTasks = object('add many', 'the tasks that were added, in the order of the lines that said so', {
  ...writtenFields,
  tasks: listOf(TaskView, 'tasks'),
})

/** What commands about a kind print. */
export const PrintedRules = object('rules answer', "the kind's rules as the command left them", {
  ...writtenFields,
  ...rulesAnswer,
})

export const InitView = object(
  'init',
  'the workspace; created: it was not there before; from: the log that its history is from; kept_as: the log that stood in its place',
  {
    ...writtenFields,
    workspace: t.string,
    dir: t.string,
    created: t.boolean,
    from: optional(t.string),
    kept_as: optional(t.string),
  },
)
/** What `init` prints. */
export type InitView = t.TypeOf<typeof InitView>

export const ReplayView = object(
  'replay',
  'how many tasks events.jsonl led to, and what became of queue.json; checkpoint: that what is kept of the state says so too',
  {
    ok: t.literal(true),
    seq: Seq,
    tasks: Amount,
    queue_file: t.keyof({ written: null, 'the same': null }),
    checkpoint: optional(t.literal('the same')),
  },
)
/** What `replay` prints. */
export type ReplayView = t.TypeOf<typeof ReplayView>

export const WaitView = object(
  'wait',
  'the tasks that were waited for, all of them done, in the order they were named; none where it was for nothing left to do',
  { ok: t.literal(true), seq: Seq, tasks: optional(listOf(TaskView, 'tasks')) },
)
/** What `wait` prints. */
export type WaitView = t.TypeOf<typeof WaitView>

export const VerifyView = object('verify', 'every line is as it must be; the hash is that of the last line', {
  ok: t.literal(true),
  seq: Seq,
  hash: t.string,
  unfinished_bytes: Amount,
})
/** What `verify` prints. */
export type VerifyView = t.TypeOf<typeof VerifyView>
