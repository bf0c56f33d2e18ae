import * as t from 'io-ts'
import { listOf, orNull, Text } from '@claimlog/codecs'
import { Kind, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { exitCodes } from '../error-codes.ts'
import { object, type ObjectOf, oneOf, openObject, optional } from './object.ts'
import { claimFields, StatusWord, taskFields } from './task.ts'

export const Notice = object('notice', 'what became of a claim of the agent', {
  task_id: TaskId,
  notice: oneOf(['claim_lost', 'no_longer_renewed', 'still_held']),
  message: Text,
  /** Who has the task now, under which token. */
  worker: optional(WorkerName),
  token: optional(Seq),
})
/** What an agent is to be told of a claim of its own: it is over, it is no longer renewed, or it is from before a restart. */
export type Notice = t.TypeOf<typeof Notice>

/** What every answer of a tool says: `cursor` where something is missing, what became of claims since the last one, and whether a power cut may take it back. */
export const agentAnswerFields = {
  ok: t.literal(true),
  truncated: t.boolean,
  cursor: optional(Text),
  notices: optional(listOf(Notice, 'notices')),
  seq: Seq,
  durability: optional(t.literal('os')),
}
/** What every answer of a tool says. */
export type AgentAnswer = ObjectOf<typeof agentAnswerFields>

export const BegunTask = object(
  'begun task',
  'a task; of a field that is too long only the beginning, as text, and the cursor by which trace_task reads on',
  {
    ...taskFields,
    payload_start: optional(Text),
    payload_cursor: optional(Text),
    result_start: optional(Text),
    result_cursor: optional(Text),
    error_start: optional(Text),
    error_cursor: optional(Text),
    title_start: optional(Text),
    title_cursor: optional(Text),
    needs_start: optional(Text),
    needs_cursor: optional(Text),
    tags_start: optional(Text),
    tags_cursor: optional(Text),
  },
)

export const BegunClaim = object('begun claim', 'a claim; of a long progress only the beginning, as text', {
  ...claimFields,
  progress_start: optional(Text),
})

const handedFields = { task: BegunTask, claim: BegunClaim }

export const AgentClaim = object('agent claim', 'the task that was handed out; also_held: what else the agent holds', {
  ...agentAnswerFields,
  ...handedFields,
  also_held: optional(listOf(TaskId, 'also held')),
})
/** What `claim_task` answers. */
export type AgentClaim = t.TypeOf<typeof AgentClaim>

export const AgentEnd = object('agent end', 'the task whose claim was ended, and the one handed out next', {
  ...agentAnswerFields,
  task_id: TaskId,
  status: StatusWord,
  retry_at: optional(Time),
  next: optional(object('handed task', 'the task that was handed out next', handedFields)),
  no_next: optional(
    object('none handed', 'why there is no next task', {
      error: t.literal('no_ready_task'),
      message: Text,
      hint: Text,
    }),
  ),
})
/** What the tools answer that end a claim. */
export type AgentEnd = t.TypeOf<typeof AgentEnd>

export const AgentRenew = object('agent renew', 'until when the claim lasts unless it is renewed', {
  ...agentAnswerFields,
  task_id: TaskId,
  lease_until: orNull(Time),
})
/** What `renew_claim` answers. */
export type AgentRenew = t.TypeOf<typeof AgentRenew>

export const AddedTask = object('added task', 'a task that was added', { id: TaskId, kind: Kind, status: StatusWord })
/** A task that was added. */
export type AddedTask = t.TypeOf<typeof AddedTask>

/** What `add_tasks` answers. */
export const AgentAdd = object(
  'agent add',
  'the tasks that were added; where there are more of them, list_tasks has those behind the cursor',
  { ...agentAnswerFields, tasks: listOf(AddedTask, 'tasks') },
)

/** What a tool answers that does nothing. */
export const AgentProblem = openObject(
  'agent problem',
  'why a tool did nothing: a stable word, what happened and why, and which tool to call next, with data that explains it',
  {
    ok: t.literal(false),
    error: t.keyof(exitCodes),
    message: Text,
    hint: Text,
    truncated: t.boolean,
    notices: optional(listOf(Notice, 'notices')),
  },
)
