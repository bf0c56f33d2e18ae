import { isSameJson, type Json } from '@claimlog/codecs'
import { unsetClock } from '../time/clock.ts'
import type { Kind, TaskId, Time } from '../values/scalars.ts'
import { allTasks } from '../queries/tasks.ts'
import type { State } from '../state/state.ts'
import type { Task } from '../state/task.ts'
import { rulesView } from './rules-view.ts'
import { claimView, taskView } from './task-view.ts'

/** One field that is not what it was; `from` or `to` is left out where there was or is no value. */
export type FieldChange = { readonly field: string; readonly from?: Json; readonly to?: Json }

/** What became of a task or of a kind's rules between two moments. */
export type DiffView = {
  readonly from: { readonly seq: number; readonly time: Time }
  readonly to: { readonly seq: number; readonly time: Time }
  readonly tasks: ReadonlyArray<{
    readonly id: TaskId
    readonly kind: Kind
    readonly added: boolean
    readonly changes: ReadonlyArray<FieldChange>
  }>
  readonly kinds: ReadonlyArray<{ readonly kind: Kind; readonly changes: ReadonlyArray<FieldChange> }>
}

/** What is different in `after` from `before`, an earlier state of the same log: tasks in the order they were added. */
export const diffView = (before: State, after: State): DiffView => ({
  from: { seq: before.seq, time: before.time },
  to: { seq: after.seq, time: after.time },
  tasks: allTasks(after).flatMap(task => {
    const was = before.table.get(task.id)
    const changes = changesBetween(was === undefined ? {} : fieldsOf(was), fieldsOf(task))
    const { id, kind } = task
    return changes.length === 0 ? [] : [{ id, kind, added: was === undefined, changes }]
  }),
  kinds: [...after.table.ruledKinds()].sort().flatMap(kind => {
    const { kind: _before, ...was } = rulesView(before, kind, unsetClock)
    const { kind: _after, ...is } = rulesView(after, kind, unsetClock)
    const changes = changesBetween(was, is)
    return changes.length === 0 ? [] : [{ kind, changes }]
  }),
})

const fieldsOf = (task: Task): Readonly<Record<string, Json | undefined>> => {
  const { id: _id, ...fields } = taskView(task, unsetClock)
  const claim = task.claim === undefined ? undefined : claimView(task.claim, unsetClock)
  return { ...fields, claim, attempts: task.attempts }
}

const changesBetween = (
  was: Readonly<Record<string, Json | undefined>>,
  is: Readonly<Record<string, Json | undefined>>,
): ReadonlyArray<FieldChange> =>
  [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter(field => !isSameJson(was[field], is[field]))
    .map(field => {
      const [from, to] = [was[field], is[field]]
      return { field, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    })
