import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { orNull, Text } from '@claimlog/codecs'
import { backoffMs } from '../values/backoff.ts'
import { DelayMs, Seq, TaskId, type Time, WorkerName } from '../values/scalars.ts'
import { maxAttemptsOf, type State } from '../state/state.ts'
import type { Task } from '../state/task.ts'
import { ClaimNext, thenClaimNext } from './claims/claim-next.ts'
import { commandCodec, momentOf, stampOf } from './command.ts'
import { alreadySo, type Append, type Decided, oneEvent, type Unchanged } from './decision.ts'
import type { Refusal } from './refusal.ts'
import { standingOf } from './claims/holder.ts'
import { defaultBackoff } from './open-workspace.ts'
import { after } from '../time/clock.ts'

/**
 * The holder reports that this attempt failed, and why. `retryInMs` overrides the delay of the next attempt, if
 * attempts are left; null: no further attempt. The holder may claim the next task in the same decision, which can be
 * this one.
 */
export const FailTask = commandCodec(
  'fail',
  { worker: WorkerName, task_id: TaskId, error: Text },
  { token: Seq, retry_in_ms: orNull(DelayMs), claim_next: ClaimNext },
)
export type FailTask = t.TypeOf<typeof FailTask>

/** Ends the attempt: the task waits for its next one, or fails if none is left. A refusal claims nothing. */
export const failTask = (command: FailTask, state: State): Decided => {
  const failed = fail(command, state)
  return E.isLeft(failed) ? failed : E.right(thenClaimNext(state, command, failed.right))
}

const fail = (command: FailTask, state: State): E.Either<Refusal, Append | Unchanged> => {
  const standing = standingOf(state, command, 'failed')
  if (E.isLeft(standing)) return standing
  const { task } = standing.right
  if (standing.right.tag === 'Settled') return E.right(alreadySo(standing.right.settlement.seq, task.id))
  const { worker, token } = standing.right.claim
  const now = momentOf(state, command)
  const { error } = command
  const retryAt = nextAttemptAt(state, task, command.retryInMs, now)
  const stamp = stampOf(command, now)
  return E.right(
    oneEvent(task.id, {
      seq: state.seq + 1,
      event: 'failed',
      worker,
      taskId: task.id,
      token,
      error,
      retryAt,
      ...stamp,
    }),
  )
}

const nextAttemptAt = (state: State, task: Task, retryInMs: number | null | undefined, now: Time): Time | null => {
  if (retryInMs === null || task.attempts >= maxAttemptsOf(state, task)) return null
  if (retryInMs !== undefined) return after(now, retryInMs)
  const backoff = task.spec.backoff ?? state.workspace?.backoff ?? defaultBackoff
  return after(now, backoffMs(backoff, task.id, task.attempts))
}
