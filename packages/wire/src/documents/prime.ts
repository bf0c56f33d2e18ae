import * as t from 'io-ts'
import { listCodec, nullable, Text } from '@claimlog/codecs'
import { Kind, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { object, enumCodec, optional } from './object.ts'
import { Amount } from './task.ts'
import type { View } from './view.ts'

export const OpenClaimView = object(
  'open claim',
  'a claim in short; lapsed: its lease has expired, and its worker may still finish it until another worker claims the task',
  {
    task_id: TaskId,
    title: optional(Text),
    kind: Kind,
    worker: WorkerName,
    token: Seq,
    lease_until: nullable(Time),
    lapsed: t.boolean,
  },
)
/**
 * A claim in short. `lapsed`: its lease has expired, and its worker may still finish it until another worker claims the
 * task.
 */
export type OpenClaimView = View<typeof OpenClaimView>

const ReadyTask = object('ready task', 'a task that can be claimed; a long title is shortened', {
  task_id: TaskId,
  title: optional(Text),
})

export const ReadyKindView = object(
  'ready kind',
  'the number of ready tasks of a kind, and the first of them; closed: why none of them can be claimed',
  {
    kind: Kind,
    ready: Amount,
    closed: optional(enumCodec(['paused', 'full'])),
    tasks: listCodec(ReadyTask, 'ready tasks'),
  },
)
/** The number of ready tasks of a kind, and the first of them; `closed`: why none of them can be claimed. */
export type ReadyKindView = View<typeof ReadyKindView>

export const OtherHolderView = object(
  'other holder',
  'another worker with live claims: their number, and the first of them; vacant: no agent uses that name now',
  { worker: WorkerName, claims: Amount, task_id: TaskId, vacant: optional(t.literal(true)) },
)

/** Another worker with live claims: their number, and the first of them. `vacant`: no agent uses that name now. */
export type OtherHolderView = View<typeof OtherHolderView>

export const PrimeView = object(
  'prime',
  'a briefing for a worker: its open claims, or all live claims if no worker is given, and the ready tasks; at most 8 of each are listed, truncated: there are more',
  {
    worker: optional(WorkerName),
    claims: listCodec(OpenClaimView, 'open claims'),
    open_claims: Amount,
    /** If the worker is known: the number of live claims of other workers, and the first of these workers. */
    claims_of_others: optional(Amount),
    others: optional(listCodec(OtherHolderView, 'other holders')),
    kinds: listCodec(ReadyKindView, 'ready kinds'),
    kinds_with_work: Amount,
    truncated: t.boolean,
    seq: Seq,
  },
)
/** The output of `prime`. */
export type PrimeView = View<typeof PrimeView>
