import { toWireName } from '@claimlog/codecs'
import {
  findImportDifferences,
  findTask,
  type ImportedTask,
  type State,
  type Task,
  type TaskId,
} from '@claimlog/domain'
import type { CommandResult } from '@claimlog/workspace'
import type { ImportCounts, ImportWarning } from '@claimlog/wire'
import { importWarnings } from './import-warnings.ts'
import type { ImportedFile } from './read-import.ts'

/** The counts and warnings of an import or of its dry run. */
export type ImportReport = {
  readonly counts: ImportCounts
  /** Everything that was not imported: dropped by the reader, by a rule, or because the task already exists. */
  readonly warnings: ReadonlyArray<ImportWarning>
}

/** Reports the outcome of an import from its result; `state` has the tasks that existed before. */
export const reportImport = (file: ImportedFile, { tasks }: CommandResult, state: State): ImportReport => {
  const resultsById = new Map(tasks.map(result => [result.task.id, result]))
  const ids = new Set(file.tasks.flatMap(({ task }) => task.taskId ?? []))
  const isExistingId = (id: TaskId): boolean => ids.has(id) || findTask(state, id) !== undefined
  const warnings = importWarnings()
  for (const imported of file.tasks) {
    const { task, importedState } = imported
    const id = task.taskId ?? ''
    const result = resultsById.get(id)
    const current = result === undefined ? findTask(state, id) : undefined
    if (current !== undefined)
      for (const change of findChanges(current, imported, isExistingId)) warnings.add(...change, id)
    if (result === undefined) continue
    const needs = new Set(result.task.needs)
    for (const need of task.needs ?? [])
      if (!needs.has(need)) warnings.add('need', 'needs', leftOutReason(need, isExistingId), `${id} depends on ${need}`)
    if (importedState.status === 'ready' && importedState.worker !== undefined && result.claim === undefined)
      warnings.add('claim', 'claimed', 'a dependency of the task is not done', id)
  }
  return { counts: countTasks(tasks), warnings: [...file.warnings, ...warnings.list()] }
}

const leftOutReason = (need: TaskId, isExistingId: (id: TaskId) => boolean): string =>
  isExistingId(need) ? 'it is not done, but the task is' : 'it is neither in the file nor in the workspace'

type ImportChange = readonly ['status' | 'change', name: string, why: string]

/** The differences between the file and an existing task, which does not change. */
const findChanges = (
  current: Task,
  { task, importedState }: ImportedTask,
  isExistingId: (id: TaskId) => boolean,
): ReadonlyArray<ImportChange> => {
  const currentStatus = toImportStatus(current)
  const importedStatus =
    importedState.status === 'ready' && importedState.worker !== undefined ? 'claimed' : importedState.status
  // A task that is blocked by a dependency is not on hold as well, and `ready` in a file does not consider
  // dependencies.
  const isSameStatus =
    currentStatus === importedStatus ||
    (current.status === 'blocked' && (importedStatus === 'held' || importedStatus === 'ready'))
  // A dependency that was left out when the task was imported is not a change.
  const currentNeeds = new Set(current.spec.needs)
  const needs = (task.needs ?? []).filter(
    need => currentNeeds.has(need) || (importedState.status !== 'done' && isExistingId(need)),
  )
  const existing = { taskId: current.id, kind: current.kind, ...current.spec }
  return [
    ...(isSameStatus
      ? []
      : [['status', importedStatus, `the task already exists and keeps its status: ${currentStatus}`] as const]),
    ...findImportDifferences(existing, { ...task, needs: needs.length === 0 ? undefined : needs }, false).map(
      field => ['change', toWireName(field), 'the task already exists and keeps its own value'] as const,
    ),
  ]
}

/** The status of a task in the words of an import, which also reports claims and holds as a status. */
const toImportStatus = ({ status, claim, hold }: Task): string => {
  if (claim !== undefined) return 'claimed'
  return hold === undefined ? status : 'held'
}

const countTasks = (tasks: CommandResult['tasks']): ImportReport['counts'] => {
  const kinds = new Map<string, number>()
  const statuses = new Map<string, number>()
  for (const { task } of tasks) {
    kinds.set(task.kind, (kinds.get(task.kind) ?? 0) + 1)
    statuses.set(task.status, (statuses.get(task.status) ?? 0) + 1)
  }
  return {
    kinds: Object.fromEntries(kinds),
    statuses: Object.fromEntries(statuses),
    claimed: tasks.filter(({ claim }) => claim !== undefined).length,
  }
}
