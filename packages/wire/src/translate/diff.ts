import { isSameJson, type Json } from '@claimlog/codecs'
import { pairStates, type State, type Task, initialClock } from '@claimlog/domain'
import type { DiffView, FieldChange } from '../documents/diff.ts'
import { rulesDocument } from './rules.ts'
import { claimView, taskView } from './task.ts'

/**
 * Compares `after` with `before`, an earlier state of the same log: tasks in the order they were added. Documents are
 * compared, as a change names the field of a document.
 */
export const diffView = (before: State, after: State): DiffView => {
  const { from, to, tasks, kinds } = pairStates(before, after)
  return {
    from,
    to,
    tasks: tasks.flatMap(({ task, previous }) => {
      const changes = changesBetween(previous === undefined ? {} : fieldsOf(previous), fieldsOf(task))
      const { id, kind } = task
      return changes.length === 0 ? [] : [{ id, kind, added: previous === undefined, changes }]
    }),
    kinds: kinds.flatMap(({ kind, previousRules, rules }) => {
      const { kind: _before, ...was } = rulesDocument(kind, previousRules, initialClock)
      const { kind: _after, ...is } = rulesDocument(kind, rules, initialClock)
      const changes = changesBetween(was, is)
      return changes.length === 0 ? [] : [{ kind, changes }]
    }),
  }
}

const fieldsOf = (task: Task): Readonly<Record<string, Json | undefined>> => {
  const { id: _id, ...fields } = taskView(task, initialClock)
  const claim = task.claim === undefined ? undefined : claimView(task.claim, initialClock)
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
