import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isObject } from '@claimlog/codecs'
import { type ImportedState, type Kind, Priority, timeFromMs } from '@claimlog/domain'
import { toKind } from './sanitize-name.ts'
import { type ExternalFields, readFields } from './external-fields.ts'
import type { ExternalTask } from './external-task.ts'
import type { ImportWarnings } from './import-warnings.ts'
import type { JsonItem } from './json-items.ts'

/** Issue types that are not work: beads' agents, their messages and its own events. */
const nonWorkTypes: ReadonlyArray<string | undefined> = ['agent', 'role', 'rig', 'slot', 'message', 'event']

/** The fields of an issue that its worker must know. */
const payloadFields = ['description', 'design', 'acceptance_criteria', 'notes', 'external_ref', 'spec_id'] as const

/**
 * Reads beads issues, as in `bd export` and `.beads/issues.jsonl`: one object per issue, with the fields of the struct
 * `Issue` in https://github.com/steveyegge/beads (internal/types/types.go).
 */
export const readBeads = (
  lines: ReadonlyArray<JsonItem>,
  kind: Kind,
  warnings: ImportWarnings,
): E.Either<string, ReadonlyArray<ExternalTask>> =>
  pipe(
    lines,
    E.traverseArray(({ position, json }) => readIssue(position, json, kind, warnings)),
    E.map(issues => issues.filter(issue => issue !== undefined)),
  )

const readIssue = (
  position: string,
  json: unknown,
  kind: Kind,
  warnings: ImportWarnings,
): E.Either<string, ExternalTask | undefined> => {
  const issueId = isObject(json) && typeof json.id === 'string' ? json.id : ''
  return pipe(
    readFields(json, issueId || position, warnings),
    E.chain(fields => toTask(position, json as { readonly priority?: unknown }, fields, kind, warnings)),
  )
}

/** Converts an item to a task; undefined: it is not work, which is reported. */
const toTask = (
  position: string,
  json: { readonly priority?: unknown },
  fields: ExternalFields,
  kind: Kind,
  warnings: ImportWarnings,
): E.Either<string, ExternalTask | undefined> => {
  const { text, texts, items, reportUnread, itemRef } = fields
  const reason = skipReason(fields)
  if (reason !== undefined) {
    warnings.add('item', ...reason, itemRef)
    return E.right(undefined)
  }
  const id = text('id')
  if (id === undefined) return E.left(`${position}: a beads issue needs an "id", a string`)
  const { needs, parent } = readRelations(fields, warnings)
  const importedState = readStatus(fields, warnings)
  const payload = Object.fromEntries(payloadFields.map(name => [name, texts(name)]))
  const tags = items('labels').filter(label => typeof label === 'string')
  const task: ExternalTask = {
    position,
    id,
    kind: toKind(text('issue_type'), kind),
    title: text('title'),
    payload: { ...payload, parent },
    needs,
    priority: readPriority(fields, json, warnings),
    tags,
    notBefore: readDueTime(fields, warnings),
    importedState,
  }
  reportUnread()
  return E.right(task)
}

/** The type of an item that is not work, and why it is left out; undefined: it is work. */
const skipReason = ({ text, any }: ExternalFields): readonly [string, string] | undefined => {
  const type = text('_type')
  if (type !== undefined && type !== 'issue') return [type, 'not an issue']
  if (text('status') === 'tombstone') return ['tombstone', 'it was deleted']
  if (any('is_template') !== undefined) return ['template', 'a template is not work']
  const issueType = text('issue_type')
  return nonWorkTypes.includes(issueType) ? [issueType ?? '', 'an internal record of beads, not work'] : undefined
}

/** The dependencies of an issue, and its parent. Only beads' relation `blocks` is a dependency. */
const readRelations = (
  { items, itemRef }: ExternalFields,
  warnings: ImportWarnings,
): { readonly needs: ReadonlyArray<string>; readonly parent: string | undefined } => {
  const needs: Array<string> = []
  let parent: string | undefined
  for (const item of items('dependencies')) {
    const { depends_on_id: dependencyId, type = 'blocks' } = isObject(item) ? item : {}
    if (typeof dependencyId !== 'string' || typeof type !== 'string')
      warnings.add('relation', 'dependencies', 'it does not name an issue', itemRef)
    else if (type === 'blocks') needs.push(dependencyId)
    else if (type === 'parent-child') {
      parent ??= dependencyId
      warnings.add('relation', type, 'a parent does not block; its id is kept in the payload', itemRef)
    } else warnings.add('relation', type, 'only "blocks" is a dependency', itemRef)
  }
  return { needs, parent }
}

const readStatus = ({ text, itemRef }: ExternalFields, warnings: ImportWarnings): ImportedState => {
  const status = text('status') ?? 'open'
  const worker = text('assignee')
  const onHold = (reason: string): ImportedState => ({ status: 'held', reason })
  const isStarted = status === 'in_progress' || status === 'hooked'
  if (isStarted && worker === undefined) warnings.add('claim', status, 'it has no assignee', itemRef)
  if (!isStarted && status !== 'closed' && worker !== undefined)
    warnings.add('field', 'assignee', 'only work in progress is claimed', itemRef)
  if (status === 'closed') return { status: 'done', worker, result: text('close_reason') }
  if (text('issue_type') === 'gate') return onHold('a gate in beads')
  switch (status) {
    case 'open':
      return { status: 'ready' }
    case 'in_progress':
    case 'hooked':
      return { status: 'ready', worker }
    case 'blocked':
      return { status: 'held' }
    case 'deferred':
      return text('defer_until') === undefined ? onHold('deferred in beads') : { status: 'ready' }
    case 'pinned':
      return onHold('pinned in beads')
    default:
      warnings.add('status', status, 'unknown status; the task is imported on hold', itemRef)
      return onHold(`${status} in beads`)
  }
}

const readPriority = (
  { any, itemRef }: ExternalFields,
  json: { readonly priority?: unknown },
  warnings: ImportWarnings,
): number | undefined => {
  any('priority')
  const { priority } = json
  if (priority === undefined || priority === null) return undefined
  if (Priority.is(priority)) return priority
  warnings.add('priority', formatPriority(priority), 'a priority is a whole number from 0 to 9', itemRef)
  return undefined
}

/** An invalid priority for the report; a list is not printed, as it may be nested too deeply to serialize. */
const formatPriority = (priority: unknown): string =>
  typeof priority === 'number' || typeof priority === 'string' ? String(priority) : typeof priority

const readDueTime = ({ text, itemRef }: ExternalFields, warnings: ImportWarnings): string | undefined => {
  const dueText = text('defer_until')
  if (dueText === undefined) return undefined
  const ms = Date.parse(dueText)
  if (ms >= 0 && ms < Date.UTC(9000, 0)) return timeFromMs(ms)
  warnings.add('due', 'defer_until', 'not a valid time', itemRef)
  return undefined
}
