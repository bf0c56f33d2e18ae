import type { Kind, Time } from '../values/scalars.ts'
import { allTasks } from './tasks.ts'
import type { State } from '../state/state.ts'
import type { KindRules } from '../state/table.ts'
import type { Task } from '../state/task.ts'
import { kindRules, ruledKinds } from './kinds.ts'

/** Two states of one log: each task and each kind's rules, with their earlier values. */
export type StatePair = {
  readonly from: { readonly seq: number; readonly time: Time }
  readonly to: { readonly seq: number; readonly time: Time }
  /** `previous`: undefined if the task was added since. */
  readonly tasks: ReadonlyArray<{ readonly task: Task; readonly previous: Task | undefined }>
  readonly kinds: ReadonlyArray<{ readonly kind: Kind; readonly rules: KindRules; readonly previousRules: KindRules }>
}

/** Pairs a state with an earlier one of the same log; tasks in the order in which they were added. */
export const pairStates = (before: State, after: State): StatePair => ({
  from: { seq: before.seq, time: before.time },
  to: { seq: after.seq, time: after.time },
  tasks: allTasks(after).map(task => ({ task, previous: before.table.get(task.id) })),
  kinds: [...ruledKinds(after)]
    .sort()
    .map(kind => ({ kind, rules: kindRules(after, kind), previousRules: kindRules(before, kind) })),
})
