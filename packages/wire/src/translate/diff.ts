import { isSameJson, type Json, toWireName } from '@claimlog/codecs'
import { pairStates, type State, type Task, initialClock } from '@claimlog/domain'
import type { DiffView, FieldChange } from '../documents/diff.ts'
import { rulesDocument } from './rules.ts'
import { claimView, taskView } from './task.ts'
import { opaqueFields, toDocument } from './to-document.ts'

/**
 * Compares `after` with `before`, an earlier state of the same log: tasks in the order they were added. A change names the
 * field of a task as the library returns it.
 */
export const diffView = (before: State, after: State): DiffView => {
  const { from, to, tasks, kinds } = pairStates(before, after)
  return {
    from,
    to,
    tasks: tasks.flatMap(({ task, previous }) => {
      const changes = listChanges(previous === undefined ? {} : toFields(previous), toFields(task))
      const { id, kind } = task
      return changes.length === 0 ? [] : [{ id, kind, added: previous === undefined, changes }]
    }),
    kinds: kinds.flatMap(({ kind, previousRules, rules }) => {
      const { kind: _before, ...earlier } = rulesDocument(kind, previousRules, initialClock)
      const { kind: _after, ...later } = rulesDocument(kind, rules, initialClock)
      const changes = listChanges(earlier, later)
      return changes.length === 0 ? [] : [{ kind, changes }]
    }),
  }
}

const toFields = (task: Task): Readonly<Record<string, Json | undefined>> => {
  const { id: _id, ...fields } = taskView(task, initialClock)
  const claim = task.claim === undefined ? undefined : claimView(task.claim, initialClock)
  return { ...fields, claim, attempts: task.attempts }
}

const listChanges = (
  earlier: Readonly<Record<string, Json | undefined>>,
  later: Readonly<Record<string, Json | undefined>>,
): ReadonlyArray<FieldChange> =>
  [...new Set([...Object.keys(earlier), ...Object.keys(later)])]
    .filter(field => !isSameJson(earlier[field], later[field]))
    .map(field => {
      const [from, to] = [earlier[field], later[field]]
      return { field, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    })

/** The document of a diff: its values are those of fields, which only users' own JSON keeps unchanged. */
export const diffDocument = ({ tasks, kinds, ...ends }: DiffView): object => ({
  ...ends,
  tasks: tasks.map(task => ({ ...task, changes: task.changes.map(changeDocument) })),
  kinds: kinds.map(kind => ({ ...kind, changes: kind.changes.map(changeDocument) })),
})

const changeDocument = ({ field, ...values }: FieldChange): object => {
  const isOpaque = opaqueFields.has(field)
  return {
    field: toWireName(field),
    ...Object.fromEntries(
      Object.entries(values).map(([end, value]) => [end, isOpaque ? value : toDocument(value)] as const),
    ),
  }
}
