import type { Added } from '../../events/index.ts'
import type { Refusal } from '../refusal.ts'
import type { State } from '../../state/state.ts'
import type { TaskId } from '../../values/scalars.ts'

type NeedsById = (id: TaskId) => ReadonlyArray<TaskId> | undefined

/**
 * Refuses the dependencies of new tasks if one neither exists nor is added with them, or if they form a cycle. Existing
 * tasks cannot depend on new ones, so a cycle can only consist of new tasks.
 */
export const checkNewNeeds = (state: State, added: ReadonlyArray<Added>): Refusal | undefined => {
  if (added.every(task => task.needs === undefined)) return undefined
  const needsById = new Map(added.map(task => [task.taskId, task.needs ?? []]))
  for (const { taskId, needs = [] } of added)
    for (const need of needs)
      if (!needsById.has(need) && state.table.get(need) === undefined)
        return { error: 'unknown_task', taskId: need, dependentId: taskId }
  const path = findCycle(needsById.keys(), id => needsById.get(id))
  return path === undefined ? undefined : { error: 'needs_cycle', path }
}

/** Refuses `needs` for an existing task if one does not exist, or if they close a cycle. */
export const checkAmendedNeeds = (state: State, taskId: TaskId, needs: ReadonlyArray<TaskId>): Refusal | undefined => {
  const unknown = needs.find(need => state.table.get(need) === undefined)
  if (unknown !== undefined) return { error: 'unknown_task', taskId: unknown, dependentId: taskId }
  // All other dependencies are free of cycles, so a cycle found from here includes this task.
  const path = findCycle([taskId], id => (id === taskId ? needs : state.table.get(id)?.spec.needs))
  return path === undefined ? undefined : { error: 'needs_cycle', path }
}

/**
 * The path of a cycle reachable from `roots`, with its first id repeated at the end; undefined: there is none.
 * Depth-first with an explicit stack, as chains can be longer than the call stack.
 */
const findCycle = (roots: Iterable<TaskId>, needsById: NeedsById): ReadonlyArray<TaskId> | undefined => {
  const finished = new Set<TaskId>()
  for (const root of roots) {
    if (finished.has(root)) continue
    const path: Array<{ readonly id: TaskId; next: number }> = [{ id: root, next: 0 }]
    const onPath = new Set([root])
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = needsById(top.id)?.[top.next]
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

/** Sorts tasks topologically: each after those it depends on. The dependencies must have no cycle. */
export const sortByNeeds = (added: ReadonlyArray<Added>): ReadonlyArray<Added> => {
  const byId = new Map(added.map(task => [task.taskId, task]))
  const dependents = new Map<TaskId, Array<Added>>()
  const openNeeds = new Map<TaskId, number>()
  for (const task of added) {
    const needs = [...new Set(task.needs)].filter(need => byId.has(need))
    openNeeds.set(task.taskId, needs.length)
    for (const need of needs) {
      const needDependents = dependents.get(need)
      if (needDependents === undefined) dependents.set(need, [task])
      else needDependents.push(task)
    }
  }
  const ordered = added.filter(task => openNeeds.get(task.taskId) === 0)
  // Kahn's algorithm: `ordered` grows during the loop, by each task whose last dependency is in it.
  for (const task of ordered)
    for (const dependent of dependents.get(task.taskId) ?? []) {
      const openCount = (openNeeds.get(dependent.taskId) ?? 0) - 1
      openNeeds.set(dependent.taskId, openCount)
      if (openCount === 0) ordered.push(dependent)
    }
  return ordered
}
