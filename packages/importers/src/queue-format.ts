import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { closedRecord, explainErrors, Json, listCodec, nullable, Text } from '@claimlog/codecs'
import {
  type ImportedState,
  type ImportedTask,
  Kind,
  Label,
  Seq,
  TaskId,
  taskFields,
  Time,
  WorkerName,
} from '@claimlog/domain'
import { formatPath } from './format-path.ts'

const HoldField = closedRecord('hold', { since: Time }, { reason: Text, by: Label })

const QueueTask = closedRecord(
  'task',
  { id: TaskId, kind: Kind },
  {
    status: t.keyof({ ready: null, blocked: null, done: null, failed: null, cancelled: null }),
    ...taskFields,
    hold: HoldField,
    error: Text,
    retry_at: Time,
    result: Json,
  },
)

const QueueClaim = closedRecord(
  'claim',
  { worker: WorkerName, task_id: TaskId },
  { token: Seq, lease_until: nullable(Time) },
)

/**
 * The format of `queue.json`, claimlog's or the lab's. Its tokens and seq belong to its own log and are not imported.
 */
const QueueFileFormat = closedRecord(
  'queue file',
  { tasks: listCodec(QueueTask, 'a list of tasks') },
  { claims: listCodec(QueueClaim, 'a list of claims'), seq: t.number },
)

type QueueTask = t.TypeOf<typeof QueueTask>
type QueueClaim = t.TypeOf<typeof QueueClaim>

/** Reads the tasks of a queue file: `blocked` is imported as on hold, an entry in `claims` as a claim. */
export const readQueueFormat = (json: unknown): E.Either<string, ReadonlyArray<ImportedTask>> =>
  pipe(
    QueueFileFormat.decode(json),
    E.mapLeft(errors => explainErrors(errors, formatPath)),
    E.chain(indexClaims),
    E.map(({ tasks, claimsByTask }) => tasks.map(task => toImportedTask(task, claimsByTask.get(task.id)))),
  )

type QueueFileInput = t.TypeOf<typeof QueueFileFormat>
type QueueContent = { readonly tasks: QueueFileInput['tasks']; readonly claimsByTask: ReadonlyMap<TaskId, QueueClaim> }

/** Indexes the claims by task. Left: a claim contradicts another claim or a task. */
const indexClaims = ({ tasks, claims = [] }: QueueFileInput): E.Either<string, QueueContent> => {
  const claimsByTask = new Map<TaskId, QueueClaim>()
  for (const claim of claims) {
    const { taskId, worker } = claim
    const other = claimsByTask.get(taskId)
    if (other !== undefined)
      return E.left(`${other.worker} and ${worker} both claim ${taskId}; a task has one claim at most`)
    claimsByTask.set(taskId, claim)
  }
  const unknown = claims.find(claim => !tasks.some(task => task.id === claim.taskId))
  if (unknown !== undefined) return E.left(`${unknown.worker} claims ${unknown.taskId}, which is not among the tasks`)
  const blocked = tasks.find(task => task.status === 'blocked' && claimsByTask.has(task.id))
  if (blocked !== undefined) return E.left(`${blocked.id} is blocked, so it cannot be claimed`)
  return E.right({ tasks, claimsByTask })
}

const toImportedTask = (task: QueueTask, claim: QueueClaim | undefined): ImportedTask => {
  const { id, kind, status = 'ready', hold, error, retryAt, result, ...spec } = task
  const importedState: ImportedState = {
    status: status === 'blocked' ? 'held' : status,
    worker: claim?.worker,
    leaseUntil: claim?.leaseUntil,
    reason: hold?.reason,
    result,
    error,
    retryAt: status === 'ready' ? retryAt : undefined,
  }
  return { task: { kind, taskId: id, ...spec }, importedState }
}
