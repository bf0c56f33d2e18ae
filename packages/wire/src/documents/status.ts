import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import { Seq, TaskId, Time } from '@claimlog/domain'
import { object } from './object.ts'
import { rulesFields } from './rules.ts'
import { Amount, claimFields } from './task.ts'

export const KindCounts = object(
  'kind counts',
  'the rules of a kind, and how many of its tasks stand where; those under a live lease count as claimed, not as ready',
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
 * The rules of a kind, and how many of its tasks stand where. `claimed` are those under a live lease; they are not counted
 * as `ready`.
 *
 * @interface
 */
export type KindCounts = t.TypeOf<typeof KindCounts>

const ClaimAtAGlance = object('claim at a glance', 'who holds which task; lapsed: the lease has ended', {
  task_id: TaskId,
  ...claimFields,
  lapsed: t.boolean,
})

const statusFields = {
  workspace: t.string,
  opened_at: Time,
  seq: Seq,
  time: Time,
  tasks: Amount,
  kinds: listOf(KindCounts, 'kinds'),
  claims: listOf(ClaimAtAGlance, 'claims'),
}

export const StatusView = object('status view', 'the workspace at a glance', statusFields)
/**
 * The workspace at a glance.
 *
 * @interface
 */
export type StatusView = t.TypeOf<typeof StatusView>

export const PrintedStatus = object('status', 'the workspace at a glance', { dir: t.string, ...statusFields })
/** What `status` prints: the view, and where the workspace is. */
export type PrintedStatus = t.TypeOf<typeof PrintedStatus>
