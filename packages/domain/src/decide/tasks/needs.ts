import type { Added } from '../../events/index.ts'
import type { Refusal } from '../refusal.ts'
import type { State } from '../../state/state.ts'
import type { TaskId } from '../../values/scalars.ts'

type NeedsOf = (id: TaskId) => ReadonlyArray<TaskId> | undefined

/**
 * What is wrong with the needs of tasks about to be added: one that neither exists nor is added with them, or a circle.
 * Tasks that exist cannot need new ones, so a circle can only run through the new.
 */
export const findNeedsProblem = (state: State, added: ReadonlyArray<Added>): Refusal | undefined => {
  if (added.every(task => task.needs === undefined)) return undefined
  const needsOf = new Map(added.map(task => [task.taskId, task.needs ?? []]))
  for (const { taskId, needs = [] } of added)
    for (const need of needs)
      if (!needsOf.has(need) && state.table.get(need) === undefined)
        return { error: 'unknown_task', taskId: need, neededBy: taskId }
  const path = findCycle(needsOf.keys(), id => needsOf.get(id))
  return path === undefined ? undefined : { error: 'needs_cycle', path }
}

/** What is wrong with giving a task that exists these `needs`: one does not exist, or the task would wait for itself. */
export const findAmendedNeedsProblem = (
  state: State,
  taskId: TaskId,
  needs: ReadonlyArray<TaskId>,
): Refusal | undefined => {
  const unknown = needs.find(need => state.table.get(need) === undefined)
  if (unknown !== undefined) return { error: 'unknown_task', taskId: unknown, neededBy: taskId }
  // All other needs are free of circles, so one that is found from here runs through this task.
  const path = findCycle([taskId], id => (id === taskId ? needs : state.table.get(id)?.spec.needs))
  return path === undefined ? undefined : { error: 'needs_cycle', path }
}

/**
 * The path of a circle that can be reached from `roots`, its first id repeated at the end; undefined where there is
 * none. Depth first with a stack of its own: chains may be longer than the call stack is deep.
 */
const findCycle = (roots: Iterable<TaskId>, needsOf: NeedsOf): ReadonlyArray<TaskId> | undefined => {
  const finished = new Set<TaskId>()
  for (const root of roots) {
    if (finished.has(root)) continue
    const path: Array<{ readonly id: TaskId; next: number }> = [{ id: root, next: 0 }]
    const onPath = new Set([root])
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = needsOf(top.id)?.[top.next]
      top.next += 1
      if (need === undefined) {
        finished.add(top.id)
        onPath.delete(top.id)
        path.pop()
      } else if (onPath.has(need)) {
        const ids = path.map(step => step.id)
        return [...ids.slice(ids.indexOf(need)), need]
      } else if (!finished.has(need)) {
        onPath.add(need)
        path.push({ id: need, next: 0 })
      }
    }
  }
  return undefined
}

/** The tasks, each after those of them that it needs; the needs must not run in a circle. */
export const inNeedsOrder = (added: ReadonlyArray<Added>): ReadonlyArray<Added> => {
  const byId = new Map(added.map(task => [task.taskId, task]))
  const dependents = new Map<TaskId, Array<Added>>()
  const openNeeds = new Map<TaskId, number>()
  for (const task of added) {
    const needs = [...new Set(task.needs)].filter(need => byId.has(need))
    openNeeds.set(task.taskId, needs.length)
    for (const need of needs) {
      const waiting = dependents.get(need)
      if (waiting === undefined) dependents.set(need, [task])
      else waiting.push(task)
    }
  }
  const ordered = added.filter(task => openNeeds.get(task.taskId) === 0)
  // Kahn's algorithm: `ordered` grows while it is gone through, by each task whose last need was met.
  for (const task of ordered)
    for (const dependent of dependents.get(task.taskId) ?? []) {
      const open = (openNeeds.get(dependent.taskId) ?? 0) - 1
      openNeeds.set(dependent.taskId, open)
      if (open === 0) ordered.push(dependent)
    }
  return ordered
}
