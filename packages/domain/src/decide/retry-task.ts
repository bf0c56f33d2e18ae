import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { type State, getTask } from '../state/state.ts'
import { isLive, type Task } from '../state/task.ts'
import { isExhausted, expiryFailures, type ExhaustedClaim } from './claims/claimable.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { unchanged, type DecisionResult, appendDecision } from './decision.ts'
import { TaskId } from '../values/scalars.ts'

/** Makes a finished task ready again. */
export const RetryTask = commandCodec('retry', { task_id: TaskId }, { reason: Text })
export type RetryTask = t.TypeOf<typeof RetryTask>

/**
 * Resets the attempts of a done, failed or cancelled task to 0; an open task stays as it is. Dependents of a done task
 * wait for it again, so this is refused while one of them is claimed. A dependent whose last lease has expired is
 * recorded as failed first.
 */
export const retryTask = (command: RetryTask, state: State): DecisionResult => {
  const { taskId, reason } = command
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  if (task.finished === undefined) return E.right(unchanged(state.seq, taskId))
  const time = decisionTime(state, command)
  const exhausted: Array<ExhaustedClaim> = []
  for (const dependent of listNewlyBlocked(state, task)) {
    const { id, claim } = dependent
    if (claim !== undefined && isLive(claim, time))
      return E.left({ error: 'already_claimed', taskId: id, claim, needs: taskId })
    if (isExhausted(state, dependent)) exhausted.push({ task: dependent, claim: dependent.claim })
  }
  const failures = expiryFailures(exhausted, state.seq + 1, { requestId: command.requestId, time })
  const seq = state.seq + 1 + failures.length
  const retried = { seq, event: 'retried', taskId, reason, ...eventMetadata(command, time) } as const
  return E.right(appendDecision([...failures, retried], [taskId], seq))
}

/** The tasks that `task` would block again: none unless it is done, as otherwise it blocks them already. */
const listNewlyBlocked = function* (state: State, task: Task): Generator<Task> {
  if (task.status !== 'done') return
  for (const id of state.table.range('dependents', task.id)) yield getTask(state, id)
}
