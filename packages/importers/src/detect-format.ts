import { isObject } from '@claimlog/codecs'
import type { ImportFormat } from '@claimlog/wire'
import { parseLenientJson } from './json-items.ts'
import { hasTags } from './task-master.ts'

/** Detects the format of a file by its shape; undefined: none matches. */
export const detectFormat = (text: string): ImportFormat | undefined => {
  const firstLine = text.trimStart().split('\n', 1)[0] ?? ''
  const first = firstLine.startsWith('{') ? parseJsonIfValid(firstLine) : undefined
  if (isObject(first) && !('tasks' in first) && !hasTags(first)) return isBeadsLine(first) ? 'beads' : 'ndjson'
  const whole = parseJsonIfValid(text)
  if (whole === undefined) return checklistItemPattern.test(text) ? 'markdown' : undefined
  if (Array.isArray(whole)) return detectListFormat(whole)
  if (hasTags(whole)) return 'task-master'
  if (!isObject(whole)) return undefined
  const { tasks, claims } = whole
  if (claims !== undefined || !Array.isArray(tasks)) return 'queue'
  if (tasks.some(isTaskMasterTask)) return 'task-master'
  return tasks.some(isGraphTask) ? 'task-graph' : 'queue'
}

// Not `\s`, which matches line breaks too: on a run of blank lines the time would be quadratic.
const checklistItemPattern = /^[^\S\n>]*(?:>[^\S\n>]*)*(?:[-*+]|\d{1,9}[.)])[^\S\n]+\[[ xX]\]/m

const parseJsonIfValid = (text: string): unknown => {
  const json = parseLenientJson(text)
  return json._tag === 'Left' ? undefined : json.right
}

const detectListFormat = (items: ReadonlyArray<unknown>): ImportFormat => {
  if (items.some(item => isObject(item) && 'number' in item)) return 'github'
  return items.some(item => isObject(item) && 'issue_type' in item) ? 'beads' : 'task-graph'
}

/** A line of beads has an `id`; a line of our own has a `kind` and a `task_id`. */
const isBeadsLine = (line: Readonly<Record<string, unknown>>): boolean =>
  '_type' in line || ('id' in line && !('kind' in line) && ('title' in line || 'issue_type' in line))

/** True if a task has a numeric id or a field that only Task Master has. */
const isTaskMasterTask = (task: unknown): boolean =>
  isObject(task) &&
  (typeof task.id === 'number' || ['dependencies', 'subtasks', 'details', 'testStrategy'].some(name => name in task))

/** True if a task has `deps`, the status `pending` or no kind, as only in a task graph. */
const isGraphTask = (task: unknown): boolean =>
  isObject(task) && (task.deps !== undefined || task.status === 'pending' || task.kind === undefined)
