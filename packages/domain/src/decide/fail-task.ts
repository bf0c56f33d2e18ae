import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { nullable, Text } from '@claimlog/codecs'
import { computeBackoffMs } from '../values/backoff.ts'
import { DelayMs, Seq, TaskId, type Time, WorkerName } from '../values/scalars.ts'
import { allowedAttempts, type State } from '../state/state.ts'
import type { Task } from '../state/task.ts'
import { ClaimNext, addNextClaim } from './claims/claim-next.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type Append, type DecisionResult, taskDecision, type Unchanged } from './decision.ts'
import type { Refusal } from './refusal.ts'
import { authorizeHolder } from './claims/authorize-holder.ts'
import { defaultBackoff } from './open-workspace.ts'
import { addMs } from '../time/clock.ts'

/**
 * The holder reports that this attempt failed, why, and where in its program (`stack`). `retryInMs` overrides the delay of the next attempt, if
 * attempts are left; null: no further attempt. The holder may claim the next task in the same decision, which can be
 * this one.
 */
export const FailTask = commandCodec(
  'fail',
  { worker: WorkerName, task_id: TaskId, error: Text },
  { stack: Text, token: Seq, retry_in_ms: nullable(DelayMs), claim_next: ClaimNext },
)
export type FailTask = t.TypeOf<typeof FailTask>

/** Ends the attempt: the task waits for its next one, or fails if none is left. A refusal claims nothing. */
export const failTask = (command: FailTask, state: State): DecisionResult => {
  const failed = fail(command, state)
  return E.isLeft(failed) ? failed : E.right(addNextClaim(state, command, failed.right))
}

const fail = (command: FailTask, state: State): E.Either<Refusal, Append | Unchanged> => {
  const holderStatus = authorizeHolder(state, command, 'failed')
  if (E.isLeft(holderStatus)) return holderStatus
  const { task } = holderStatus.right
  if (holderStatus.right._tag === 'Ended') return E.right(unchanged(holderStatus.right.claimEnd.seq, task.id))
  const { worker, token } = holderStatus.right.claim
  const now = decisionTime(state, command)
  const { error, stack } = command
  const retryAt = computeRetryTime(state, task, command.retryInMs, now)
  const metadata = eventMetadata(command, now)
  return E.right(
    taskDecision(task.id, {
      seq: state.seq + 1,
      event: 'failed',
      worker,
      taskId: task.id,
      token,
      error,
      retryAt,
      stack,
      ...metadata,
    }),
  )
}

const computeRetryTime = (state: State, task: Task, retryInMs: number | null | undefined, now: Time): Time | null => {
  if (retryInMs === null || task.attempts >= allowedAttempts(state, task)) return null
  if (retryInMs !== undefined) return addMs(now, retryInMs)
  const backoff = task.spec.backoff ?? state.workspace?.backoff ?? defaultBackoff
  return addMs(now, computeBackoffMs(backoff, task.id, task.attempts))
}
