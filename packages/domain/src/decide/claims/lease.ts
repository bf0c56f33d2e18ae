import type { Time } from '../../values/scalars.ts'
import type { State } from '../../state/state.ts'
import type { Task } from '../../state/task.ts'
import { after } from '../../time/time.ts'

/** How long a claim lasts: what the claimer asks, else what the task says, else the workspace. Null: without an end. */
export const leaseFor = (state: State, task: Task, asked: number | null | undefined): number | null => {
  if (asked !== undefined) return asked
  return task.spec.leaseMs !== undefined ? task.spec.leaseMs : (state.workspace?.leaseMs ?? null)
}

/** When a lease of `leaseMs` that starts `now` ends; null: never. */
export const leaseEnd = (now: Time, leaseMs: number | null): Time | null =>
  leaseMs === null ? null : after(now, leaseMs)
