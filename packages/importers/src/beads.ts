import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isObject } from '@claimlog/codecs'
import { type ImportedState, type Kind, Priority, timeFromMs } from '@claimlog/domain'
import { kindFrom } from './fitting-names.ts'
import { type ForeignFields, foreignFields } from './foreign-fields.ts'
import type { ForeignTask } from './foreign-task.ts'
import type { LeftOutReport } from './left-out.ts'
import type { PlacedJson } from './placed-json.ts'

/** Issue types that are not work: beads' agents, their messages and its own events. */
const noWork: ReadonlyArray<string | undefined> = ['agent', 'role', 'rig', 'slot', 'message', 'event']

/** The fields of an issue that its worker must know. */
const payloadFields = ['description', 'design', 'acceptance_criteria', 'notes', 'external_ref', 'spec_id'] as const

/**
 * Reads beads issues, as in `bd export` and `.beads/issues.jsonl`: one object per issue, with the fields of the struct
 * `Issue` in https://github.com/steveyegge/beads (internal/types/types.go).
 */
export const readBeads = (
  lines: ReadonlyArray<PlacedJson>,
  kind: Kind,
  report: LeftOutReport,
): E.Either<string, ReadonlyArray<ForeignTask>> =>
  pipe(
    lines,
    E.traverseArray(({ place, json }) => readIssue(place, json, kind, report)),
    E.map(issues => issues.filter(issue => issue !== undefined)),
  )

const readIssue = (
  place: string,
  json: unknown,
  kind: Kind,
  report: LeftOutReport,
): E.Either<string, ForeignTask | undefined> => {
  const known = isObject(json) && typeof json.id === 'string' ? json.id : ''
  return pipe(
    foreignFields(json, known || place, report),
    E.chain(fields => taskOf(place, json as { readonly priority?: unknown }, fields, kind, report)),
  )
}

/** Converts an item to a task; undefined: it is not work, which is reported. */
const taskOf = (
  place: string,
  json: { readonly priority?: unknown },
  fields: ForeignFields,
  kind: Kind,
  report: LeftOutReport,
): E.Either<string, ForeignTask | undefined> => {
  const { text, texts, items, leaveRest, at } = fields
  const reason = reasonToLeave(fields)
  if (reason !== undefined) {
    report.leave('item', ...reason, at)
    return E.right(undefined)
  }
  const id = text('id')
  if (id === undefined) return E.left(`${place}: a beads issue needs an "id", a string`)
  const { needs, parent } = relationsOf(fields, report)
  const standing = standingOf(fields, report)
  const payload = Object.fromEntries(payloadFields.map(name => [name, texts(name)]))
  const tags = items('labels').filter(label => typeof label === 'string')
  const task: ForeignTask = {
    place,
    id,
    kind: kindFrom(text('issue_type'), kind),
    title: text('title'),
    payload: { ...payload, parent },
    needs,
    priority: priorityOf(fields, json, report),
    tags,
    notBefore: dueOf(fields, report),
    standing,
  }
  leaveRest()
  return E.right(task)
}

/** The type of an item that is not work, and why it is left out; undefined: it is work. */
const reasonToLeave = ({ text, any }: ForeignFields): readonly [string, string] | undefined => {
  const type = text('_type')
  if (type !== undefined && type !== 'issue') return [type, 'not an issue']
  if (text('status') === 'tombstone') return ['tombstone', 'it was deleted']
  if (any('is_template') !== undefined) return ['template', 'a template is not work']
  const issueType = text('issue_type')
  return noWork.includes(issueType) ? [issueType ?? '', 'an internal record of beads, not work'] : undefined
}

/** The dependencies of an issue, and its parent. Only beads' relation `blocks` is a dependency. */
const relationsOf = (
  { items, at }: ForeignFields,
  report: LeftOutReport,
): { readonly needs: ReadonlyArray<string>; readonly parent: string | undefined } => {
  const needs: Array<string> = []
  let parent: string | undefined
  for (const item of items('dependencies')) {
    const { depends_on_id: on, type = 'blocks' } = isObject(item) ? item : {}
    if (typeof on !== 'string' || typeof type !== 'string')
      report.leave('relation', 'dependencies', 'it does not name an issue', at)
    else if (type === 'blocks') needs.push(on)
    else if (type === 'parent-child') {
      parent ??= on
      report.leave('relation', type, 'a parent does not block; its id is kept in the payload', at)
    } else report.leave('relation', type, 'only "blocks" is a dependency', at)
  }
  return { needs, parent }
}

const standingOf = ({ text, at }: ForeignFields, report: LeftOutReport): ImportedState => {
  const status = text('status') ?? 'open'
  const worker = text('assignee')
  const held = (reason: string): ImportedState => ({ status: 'held', reason })
  const isBegun = status === 'in_progress' || status === 'hooked'
  if (isBegun && worker === undefined) report.leave('claim', status, 'it has no assignee', at)
  if (!isBegun && status !== 'closed' && worker !== undefined)
    report.leave('field', 'assignee', 'only work in progress is claimed', at)
  if (status === 'closed') return { status: 'done', worker, result: text('close_reason') }
  if (text('issue_type') === 'gate') return held('a gate in beads')
  switch (status) {
    case 'open':
      return { status: 'ready' }
    case 'in_progress':
    case 'hooked':
      return { status: 'ready', worker }
    case 'blocked':
      return { status: 'held' }
    case 'deferred':
      return text('defer_until') === undefined ? held('deferred in beads') : { status: 'ready' }
    case 'pinned':
      return held('pinned in beads')
    default:
      report.leave('status', status, 'unknown status; the task is imported on hold', at)
      return held(`${status} in beads`)
  }
}

const priorityOf = (
  { any, at }: ForeignFields,
  json: { readonly priority?: unknown },
  report: LeftOutReport,
): number | undefined => {
  any('priority')
  const { priority } = json
  if (priority === undefined || priority === null) return undefined
  if (Priority.is(priority)) return priority
  report.leave('priority', shownPriority(priority), 'a priority is a whole number from 0 to 9', at)
  return undefined
}

/** An invalid priority for the report; a list is not printed, as it may be nested too deeply to serialize. */
const shownPriority = (priority: unknown): string =>
  typeof priority === 'number' || typeof priority === 'string' ? String(priority) : typeof priority

const dueOf = ({ text, at }: ForeignFields, report: LeftOutReport): string | undefined => {
  const until = text('defer_until')
  if (until === undefined) return undefined
  const ms = Date.parse(until)
  if (ms >= 0 && ms < Date.UTC(9000, 0)) return timeFromMs(ms)
  report.leave('due', 'defer_until', 'not a valid time', at)
  return undefined
}
