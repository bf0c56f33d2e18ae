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
import { leftOutReport } from './left-out.ts'
import type { ImportRead } from './read-import.ts'

/** The counts and warnings of an import or of its dry run. */
export type ImportReport = {
  readonly counts: ImportCounts
  /** Everything that was not imported: dropped by the reader, by a rule, or because the task already exists. */
  readonly leftOut: ReadonlyArray<ImportWarning>
}

/** Reports the outcome of an import from its result; `state` has the tasks that existed before. */
export const importReport = (read: ImportRead, { tasks }: CommandResult, state: State): ImportReport => {
  const came = new Map(tasks.map(answer => [answer.task.id, answer]))
  const ids = new Set(read.tasks.flatMap(({ task }) => task.taskId ?? []))
  const isKnown = (id: TaskId): boolean => ids.has(id) || findTask(state, id) !== undefined
  const report = leftOutReport()
  for (const imported of read.tasks) {
    const { task, standing } = imported
    const id = task.taskId ?? ''
    const answer = came.get(id)
    const here = answer === undefined ? findTask(state, id) : undefined
    if (here !== undefined) for (const change of changesOf(here, imported, isKnown)) report.leave(...change, id)
    if (answer === undefined) continue
    const needs = new Set(answer.task.needs)
    for (const need of task.needs ?? [])
      if (!needs.has(need)) report.leave('need', 'needs', whyLeft(need, isKnown), `${id} depends on ${need}`)
    if (standing.status === 'ready' && standing.worker !== undefined && answer.claim === undefined)
      report.leave('claim', 'claimed', 'a dependency of the task is not done', id)
  }
  return { counts: countsOf(tasks), leftOut: [...read.leftOut, ...report.list()] }
}

const whyLeft = (need: TaskId, isKnown: (id: TaskId) => boolean): string =>
  isKnown(need) ? 'it is not done, but the task is' : 'it is neither in the file nor in the workspace'

type Change = readonly ['status' | 'change', name: string, why: string]

/** The differences between the file and an existing task, which does not change. */
const changesOf = (
  here: Task,
  { task, standing }: ImportedTask,
  isKnown: (id: TaskId) => boolean,
): ReadonlyArray<Change> => {
  const stands = standingOf(here)
  const there = standing.status === 'ready' && standing.worker !== undefined ? 'claimed' : standing.status
  // A task that is blocked by a dependency is not on hold as well, and `ready` in a file does not consider
  // dependencies.
  const same = stands === there || (here.status === 'blocked' && (there === 'held' || there === 'ready'))
  // A dependency that was left out when the task was imported is not a change.
  const had = new Set(here.spec.needs)
  const needs = (task.needs ?? []).filter(need => had.has(need) || (standing.status !== 'done' && isKnown(need)))
  const existing = { taskId: here.id, kind: here.kind, ...here.spec }
  return [
    ...(same ? [] : [['status', there, `the task already exists and keeps its status: ${stands}`] as const]),
    ...findImportDifferences(existing, { ...task, needs: needs.length === 0 ? undefined : needs }, false).map(
      field => ['change', field, 'the task already exists and keeps its own value'] as const,
    ),
  ]
}

const standingOf = ({ status, claim, hold }: Task): string => {
  if (claim !== undefined) return 'claimed'
  return hold === undefined ? status : 'held'
}

const countsOf = (tasks: CommandResult['tasks']): ImportReport['counts'] => {
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
