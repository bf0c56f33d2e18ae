import type { State } from '../../state/state.ts'
import type { ImportedTask } from './imported-task.ts'
import type { TaskId } from '../../values/scalars.ts'

/**
 * The tasks of another tool as they can be here. A need that is neither among them nor in the state is left out, and so
 * is one that is not done of a task that is. A task that was begun before its needs were done comes without its claim:
 * an order that is lost would be missed longer than a lease.
 */
export const asTakenOver = (state: State, tasks: ReadonlyArray<ImportedTask>): ReadonlyArray<ImportedTask> => {
  const inFile = new Map(tasks.flatMap(({ task, standing }) => (task.taskId ? [[task.taskId, standing.status]] : [])))
  // What is there already stays as it is, whatever the file says.
  const statusOf = (id: TaskId) => state.table.get(id)?.status ?? inFile.get(id)
  return tasks.map(imported => {
    const { task, standing } = imported
    const { needs } = task
    if (needs === undefined) return imported
    const known = needs.filter(need => statusOf(need) !== undefined)
    const left = standing.status === 'done' ? known.filter(need => statusOf(need) === 'done') : known
    const waits = standing.worker !== undefined && left.some(need => statusOf(need) !== 'done')
    return {
      task: { ...task, needs: left.length === 0 ? undefined : left },
      standing: waits ? { ...standing, worker: undefined, leaseUntil: undefined } : standing,
    }
  })
}
