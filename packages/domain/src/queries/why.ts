import * as E from 'fp-ts/lib/Either.js'
import { findFreeTasks } from '../decide/claims/claimable.ts'
import { type Guard, listGuards } from '../decide/claims/guards.ts'
import type { Refusal } from '../decide/refusal.ts'
import type { Kind, TaskId, Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import type { Status } from '../state/task.ts'
import { toWallClockGuard } from '../time/wall-clock-times.ts'
import { laterTime } from '../time/clock.ts'

/**
 * The reasons why a task cannot be claimed, most severe first; none if it can. `ahead`: the number of tasks of
 * its kind that would be claimed before it, up to {@link aheadMax}.
 */
export type Claimability = {
  readonly taskId: TaskId
  readonly kind: Kind
  readonly status: Status
  readonly claimable: boolean
  readonly ahead?: number
  readonly guards: ReadonlyArray<Guard>
  readonly seq: number
}

export const aheadMax = 999

/** Returns the result that a `claim` of the task would have at `now`, without claiming it. */
export const explainTask = (state: State, taskId: TaskId, now: Time): E.Either<Refusal, Claimability> => {
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const effectiveNow = laterTime(now, state.time)
  const guards = listGuards(state, task, effectiveNow)
  const { kind, status } = task
  const summary = { taskId, kind, status, claimable: guards.length === 0 }
  if (guards.length > 0)
    return E.right({
      ...summary,
      guards: guards.map(guard => toWallClockGuard(guard, state.clock)),
      seq: state.seq,
    })
  const { tasks } = findFreeTasks(state, kind, effectiveNow, aheadMax)
  const position = tasks.findIndex(({ id }) => id === taskId)
  return E.right({ ...summary, ahead: position < 0 ? aheadMax : position, guards: [], seq: state.seq })
}
