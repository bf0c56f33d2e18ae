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
 * Whether a task can be claimed, and if not, all that stands in its way, the gravest first. `ahead`: how many tasks of
 * its kind would be handed out before it; at most {@link maxAhead} are counted.
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

/** Who would be later than this need not know how much. */
export const maxAhead = 999

/** What `claim` would say of the task at the moment `now`, without claiming it. */
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
