import * as t from 'io-ts'
import { listCodec, nullable, Text } from '@claimlog/codecs'
import { Kind, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { exitCodes } from '../error-codes.ts'
import { object, type ObjectType, enumCodec, openObject, optional } from './object.ts'
import { claimFields, StatusWord, taskFields } from './task.ts'
import type { CamelCased, View } from './view.ts'

export const ClaimNotice = object('notice', 'news about a claim of the agent', {
  task_id: TaskId,
  notice: enumCodec(['claim_lost', 'no_longer_renewed', 'still_held']),
  message: Text,
  /** The worker that has the task now, and its token. */
  worker: optional(WorkerName),
  token: optional(Seq),
})
/** News for an agent about one of its claims: it was lost, it is no longer renewed, or it is from before a restart. */
export type ClaimNotice = View<typeof ClaimNotice>

/**
 * The fields of every tool result. `cursor`: to read what was cut. `notices`: news about claims since the last result.
 * `durability`: `os` if a power cut may lose the change.
 */
export const agentResultFields = {
  ok: t.literal(true),
  truncated: t.boolean,
  cursor: optional(Text),
  notices: optional(listCodec(ClaimNotice, 'notices')),
  seq: Seq,
  durability: optional(t.literal('os')),
}
/** The fields of every tool result. */
export type AgentResult = CamelCased<ObjectType<typeof agentResultFields>>

export const TruncatedTask = object(
  'begun task',
  'a task; a field that is too long is replaced by its beginning as text, and a cursor with which trace_task reads more',
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

export const TruncatedClaim = object('begun claim', 'a claim; a long progress is replaced by its beginning as text', {
  ...claimFields,
  progress_start: optional(Text),
})

const claimedTaskFields = { task: TruncatedTask, claim: TruncatedClaim }

export const AgentClaim = object('agent claim', 'the claimed task; also_held: other tasks that the agent has claimed', {
  ...agentResultFields,
  ...claimedTaskFields,
  also_held: optional(listCodec(TaskId, 'also held')),
})
/** The result of `claim_task`. */
export type AgentClaim = View<typeof AgentClaim>

export const AgentEnd = object('agent end', 'the task whose claim was ended, and the task that was claimed next', {
  ...agentResultFields,
  task_id: TaskId,
  status: StatusWord,
  retry_at: optional(Time),
  next: optional(object('handed task', 'the task that was claimed next', claimedTaskFields)),
  no_next: optional(
    object('none handed', 'why there is no next task', {
      error: t.literal('no_ready_task'),
      message: Text,
      hint: Text,
    }),
  ),
})
/** The result of the tools that end a claim. */
export type AgentEnd = View<typeof AgentEnd>

export const AgentRenew = object('agent renew', 'the end of the lease unless it is renewed', {
  ...agentResultFields,
  task_id: TaskId,
  lease_until: nullable(Time),
})
/** The result of `renew_claim`. */
export type AgentRenew = View<typeof AgentRenew>

export const AddedTask = object('added task', 'a task that was added', { id: TaskId, kind: Kind, status: StatusWord })
/** A task that was added. */
export type AddedTask = View<typeof AddedTask>

/** The result of `add_tasks`. */
export const AgentAdd = object(
  'agent add',
  'the tasks that were added; if there are more, list_tasks with the cursor lists the rest',
  { ...agentResultFields, tasks: listCodec(AddedTask, 'tasks') },
)

/** The result of a tool that was refused or failed. */
export const AgentErrorOutput = openObject(
  'agent problem',
  'why a tool did nothing: a stable error code, what happened and why, which tool to call next, and details',
  {
    ok: t.literal(false),
    error: t.keyof(exitCodes),
    message: Text,
    hint: Text,
    truncated: t.boolean,
    notices: optional(listCodec(ClaimNotice, 'notices')),
  },
)
