import type { State } from '../../state/state.ts'
import type { ImportedTask } from './imported-task.ts'
import type { TaskId } from '../../values/scalars.ts'

/**
 * Adapts the tasks of another tool to the rules of claimlog. Drops dependencies that exist neither in the file nor in
 * the state, and open dependencies of a task that is done. A task that was claimed before its dependencies were done
 * loses its claim: a lost order of tasks would be missed longer than a lease.
 */
export const normalizeExternal = (state: State, tasks: ReadonlyArray<ImportedTask>): ReadonlyArray<ImportedTask> => {
  const inFile = new Map(
    tasks.flatMap(({ task, importedState }) => (task.taskId ? [[task.taskId, importedState.status]] : [])),
  )
  // An existing task keeps its status, regardless of the file.
  const findStatus = (id: TaskId) => state.table.get(id)?.status ?? inFile.get(id)
  return tasks.map(imported => {
    const { task, importedState } = imported
    const { needs } = task
    if (needs === undefined) return imported
    const knownNeeds = needs.filter(need => findStatus(need) !== undefined)
    const keptNeeds =
      importedState.status === 'done' ? knownNeeds.filter(need => findStatus(need) === 'done') : knownNeeds
    const isBlocked = importedState.worker !== undefined && keptNeeds.some(need => findStatus(need) !== 'done')
    return {
      task: { ...task, needs: keptNeeds.length === 0 ? undefined : keptNeeds },
      importedState: isBlocked ? { ...importedState, worker: undefined, leaseUntil: undefined } : importedState,
    }
  })
}
