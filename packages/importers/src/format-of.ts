import { isObject } from '@claimlog/codecs'
import type { ImportFormat } from '@claimlog/wire'
import { tolerantJson } from './placed-json.ts'
import { hasTags } from './task-master.ts'

/** Detects the format of a file by its shape; undefined: none matches. */
export const formatOf = (text: string): ImportFormat | undefined => {
  const firstLine = text.trimStart().split('\n', 1)[0] ?? ''
  const first = firstLine.startsWith('{') ? jsonOf(firstLine) : undefined
  if (isObject(first) && !('tasks' in first) && !hasTags(first)) return isIssue(first) ? 'beads' : 'ndjson'
  const whole = jsonOf(text)
  if (whole === undefined) return hasCheckItem.test(text) ? 'markdown' : undefined
  if (Array.isArray(whole)) return formatOfList(whole)
  if (hasTags(whole)) return 'task-master'
  if (!isObject(whole)) return undefined
  const { tasks, claims } = whole
  if (claims !== undefined || !Array.isArray(tasks)) return 'queue'
  if (tasks.some(isOfTaskMaster)) return 'task-master'
  return tasks.some(isOfGraph) ? 'task-graph' : 'queue'
}

// Not `\s`, which matches line breaks too: on a run of blank lines the time would be quadratic.
const hasCheckItem = /^[^\S\n>]*(?:>[^\S\n>]*)*(?:[-*+]|\d{1,9}[.)])[^\S\n]+\[[ xX]\]/m

const jsonOf = (text: string): unknown => {
  const json = tolerantJson(text)
  return json._tag === 'Left' ? undefined : json.right
}

const formatOfList = (items: ReadonlyArray<unknown>): ImportFormat => {
  if (items.some(item => isObject(item) && 'number' in item)) return 'github'
  return items.some(item => isObject(item) && 'issue_type' in item) ? 'beads' : 'task-graph'
}

/** A line of beads has an `id`; a line of our own has a `kind` and a `task_id`. */
const isIssue = (line: Readonly<Record<string, unknown>>): boolean =>
  '_type' in line || ('id' in line && !('kind' in line) && ('title' in line || 'issue_type' in line))

/** True if a task has a numeric id or a field that only Task Master has. */
const isOfTaskMaster = (task: unknown): boolean =>
  isObject(task) &&
  (typeof task.id === 'number' || ['dependencies', 'subtasks', 'details', 'testStrategy'].some(name => name in task))

/** True if a task has `deps`, the status `pending` or no kind, as only in a task graph. */
const isOfGraph = (task: unknown): boolean =>
  isObject(task) && (task.deps !== undefined || task.status === 'pending' || task.kind === undefined)
