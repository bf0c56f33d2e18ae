import * as t from 'io-ts'
import { listOf, orNull, Text } from '@claimlog/codecs'
import { Kind, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import { object, oneOf, optional } from './object.ts'
import { Amount } from './task.ts'

export const OpenClaim = object(
  'open claim',
  'a claim in short; lapsed: its lease has ended, and its holder may still settle it until somebody else claims the task',
  {
    task_id: TaskId,
    title: optional(Text),
    kind: Kind,
    worker: WorkerName,
    token: Seq,
    lease_until: orNull(Time),
    lapsed: t.boolean,
  },
)
/** A claim in short. `lapsed`: its lease has ended, and its holder may still settle it until somebody else claims the task. */
export type OpenClaim = t.TypeOf<typeof OpenClaim>

const ReadyTask = object('ready task', 'a task that can be claimed; a long title is shortened', {
  task_id: TaskId,
  title: optional(Text),
})

export const ReadyKind = object(
  'ready kind',
  'how many tasks of a kind are ready, and the first of them; closed: none is handed out all the same',
  {
    kind: Kind,
    ready: Amount,
    closed: optional(oneOf(['paused', 'full'])),
    tasks: listOf(ReadyTask, 'ready tasks'),
  },
)
/** How many tasks of a kind are ready, and the first of them; `closed`: none is handed out all the same. */
export type ReadyKind = t.TypeOf<typeof ReadyKind>

export const OtherHolder = object(
  'other holder',
  'another worker with live claims: how many, and the first of them; vacant: no agent works under that name now',
  { worker: WorkerName, claims: Amount, task_id: TaskId, vacant: optional(t.literal(true)) },
)

/** Another worker with live claims: how many, and the first of them. `vacant`: no agent works under that name now. */
export type OtherHolder = t.TypeOf<typeof OtherHolder>

export const PrimeView = object(
  'prime',
  'what a worker needs to begin: its open claims, or all live ones where no worker is named, and what is ready; at most 8 of each are told, truncated: there are more',
  {
    worker: optional(WorkerName),
    claims: listOf(OpenClaim, 'open claims'),
    open_claims: Amount,
    /** If the worker is known: how many live claims others have, and the first of those who hold them. */
    claims_of_others: optional(Amount),
    others: optional(listOf(OtherHolder, 'other holders')),
    kinds: listOf(ReadyKind, 'ready kinds'),
    kinds_with_work: Amount,
    truncated: t.boolean,
    seq: Seq,
  },
)
/** What `prime` prints. */
export type PrimeView = t.TypeOf<typeof PrimeView>
