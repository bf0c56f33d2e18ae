import * as t from 'io-ts'
import { listOf, orNull, Text } from '@claimlog/codecs'
import { Count, Kind, Label, Seq, TaskId, Time, WorkerName } from '@claimlog/domain'
import type { ListView, RulesView, ShowView, StatusView } from '@claimlog/wire'
import type { QueueFile } from '@claimlog/wire'
import { Amount, ClaimCodec, claimViewFields, TaskCodec, taskViewFields } from './task-codecs.ts'
import { type FieldsOf, optional, view } from './view-codec.ts'

const QueuedClaim = view<QueueFile['claims'][number]>('queued claim', 'who holds which task', {
  worker: WorkerName,
  task_id: TaskId,
  token: Seq,
  lease_until: orNull(Time),
})

export const QueueCodec = view<QueueFile>(
  'queue',
  'queue.json: the open tasks and the newest finished ones in the order they were added, and the claims in the order they were made, after the event of that seq',
  { tasks: listOf(TaskCodec, 'tasks'), claims: listOf(QueuedClaim, 'claims'), seq: Seq },
)

const ListedTask = view<ListView['tasks'][number]>('listed task', 'a task with its claim beside it', {
  ...taskViewFields,
  claim: optional(ClaimCodec),
  dead_needs: optional(listOf(TaskId, 'dead needs')),
})

export const ListCodec = view<ListView>('list', 'the tasks in the order they were added', {
  tasks: listOf(ListedTask, 'tasks'),
  seq: Seq,
})

/** What is known of one task besides what was said of it, for whatever shows one with more beside it. */
export const knownFields: FieldsOf<Omit<ShowView, 'task' | 'seq'>> = {
  claim: optional(ClaimCodec),
  added_at: Time,
  attempts: Amount,
  max_attempts: Count,
  open_needs: optional(listOf(TaskId, 'open needs')),
  dead_needs: optional(listOf(TaskId, 'dead needs')),
  cancel_reason: optional(Text),
  finished_at: optional(Time),
  finished_by: optional(Label),
}

export const ShowCodec = view<ShowView>('show', 'all that is known of one task', {
  task: TaskCodec,
  ...knownFields,
  seq: Seq,
})

const Pause = view<NonNullable<RulesView['paused']>>('pause', 'no task of the kind is handed out', {
  since: Time,
  seq: Seq,
  reason: optional(Text),
  by: optional(Label),
})

const rulesViewFields: FieldsOf<RulesView> = { kind: Kind, paused: optional(Pause), limit: optional(Count) }

export const RulesCodec = view<RulesView>(
  'rules',
  'the routing rules of a kind; limit is how many of its tasks may be claimed at once',
  rulesViewFields,
)

const KindCounts = view<StatusView['kinds'][number]>(
  'kind counts',
  'the rules of a kind, and how many of its tasks stand where; those under a live lease count as claimed, not as ready',
  {
    ...rulesViewFields,
    ready: Amount,
    claimed: Amount,
    blocked: Amount,
    done: Amount,
    failed: Amount,
    cancelled: Amount,
  },
)

const ClaimAtAGlance = view<StatusView['claims'][number]>(
  'claim at a glance',
  'who holds which task; lapsed: the lease has ended',
  { task_id: TaskId, ...claimViewFields, lapsed: t.boolean },
)

/** What `status` prints: the view, and where the workspace is. */
export const StatusCodec = view<{ readonly dir: string } & StatusView>('status', 'the workspace at a glance', {
  dir: t.string,
  workspace: t.string,
  opened_at: Time,
  seq: Seq,
  time: Time,
  tasks: Amount,
  kinds: listOf(KindCounts, 'kinds'),
  claims: listOf(ClaimAtAGlance, 'claims'),
})
