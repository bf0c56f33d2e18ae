import * as t from 'io-ts'
import { listCodec } from '@claimlog/codecs'
import { Seq, TaskId, Time } from '@claimlog/domain'
import { object, optional } from './object.ts'
import { rulesFields } from './rules.ts'
import { Amount, claimFields } from './task.ts'
import type { View } from './view.ts'

export const KindCounts = object(
  'kind counts',
  'the rules of a kind, and its tasks counted by status; tasks with a live lease count as claimed, not as ready',
  {
    ...rulesFields,
    ready: Amount,
    claimed: Amount,
    blocked: Amount,
    done: Amount,
    failed: Amount,
    cancelled: Amount,
  },
)
/**
 * The rules of a kind, and its tasks counted by status. `claimed`: tasks with a live lease; they are not counted as
 * `ready`.
 *
 * @interface
 */
export type KindCounts = View<typeof KindCounts>

const ClaimSummary = object('claim at a glance', 'a claim of a worker on a task; lapsed: the lease has expired', {
  task_id: TaskId,
  ...claimFields,
  lapsed: t.boolean,
})

const MoveSummary = object(
  'move',
  'the log was moved and accepts no more events; target: the URL or the directory of the log that continues it',
  { seq: Seq, time: Time, target: t.string, by: optional(t.string) },
)

const statusFields = {
  workspace: t.string,
  opened_at: Time,
  seq: Seq,
  time: Time,
  tasks: Amount,
  kinds: listCodec(KindCounts, 'kinds'),
  claims: listCodec(ClaimSummary, 'claims'),
  moved: optional(MoveSummary),
}

export const StatusView = object('status view', 'a summary of the workspace', statusFields)
/**
 * A summary of the workspace: tasks by kind and status, and claims.
 *
 * @interface
 */
export type StatusView = View<typeof StatusView>

export const StatusOutput = object('status', 'a summary of the workspace', {
  dir: optional(t.string),
  log: optional(t.string),
  ...statusFields,
})
/** The output of `status`: the view, and the directory of the workspace or the URL of its log on a server. */
export type StatusOutput = View<typeof StatusOutput>
