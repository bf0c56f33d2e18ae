import * as E from 'fp-ts/lib/Either.js'
import { freeOf } from '../decide/claims/claimable.ts'
import { type Guard, guardsOf } from '../decide/claims/guards.ts'
import type { Refusal } from '../decide/refusal.ts'
import type { Kind, TaskId, Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import type { Status } from '../state/task.ts'
import { guardOnWallClock } from '../time/shown-moments.ts'
import { later } from '../time/clock.ts'

/**
 * The reasons why a task cannot be claimed, most severe first; none if it can. `ahead`: the number of tasks of
 * its kind that would be claimed before it, up to {@link maxAhead}.
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

export const maxAhead = 999

/** Returns the result that a `claim` of the task would have at `now`, without claiming it. */
export const explainTask = (state: State, taskId: TaskId, now: Time): E.Either<Refusal, Claimability> => {
  const task = state.table.get(taskId)
  if (task === undefined) return E.left({ error: 'unknown_task', taskId })
  const moment = later(now, state.time)
  const guards = guardsOf(state, task, moment)
  const { kind, status } = task
  const about = { taskId, kind, status, claimable: guards.length === 0 }
  if (guards.length > 0)
    return E.right({
      ...about,
      guards: guards.map(guard => guardOnWallClock(guard, state.clock)),
      seq: state.seq,
    })
  const { tasks } = freeOf(state, kind, moment, maxAhead)
  const place = tasks.findIndex(({ id }) => id === taskId)
  return E.right({ ...about, ahead: place < 0 ? maxAhead : place, guards: [], seq: state.seq })
}
