import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isObject } from '@claimlog/codecs'
import type { ImportedState, Kind } from '@claimlog/domain'
import { type ForeignFields, foreignFields } from './foreign-fields.ts'
import type { ForeignTask } from './foreign-task.ts'
import type { LeftOutReport } from './left-out.ts'

/** The list of a file without tags, and the first one that Task Master creates. */
const firstTag = 'master'

/** The fields of a task that its worker must know. */
const payloadFields = ['description', 'details', 'testStrategy', 'acceptanceCriteria'] as const

const priorities: ReadonlyMap<string, number> = new Map([
  ['critical', 0],
  ['high', 2],
  ['medium', 5],
  ['low', 8],
])

/**
 * Reads the tasks of Task Master's `tasks.json`, `{"tasks": […]}` or with tags `{"master": {"tasks": […]}, …}`, as
 * described in https://github.com/eyaltoledano/claude-task-master (docs/task-structure.md). A subtask is a task `5.2`:
 * its task depends on it, and it depends on what its task depends on. Tasks of a tag other than `master` are named
 * `tag/5`.
 */
export const readTaskMaster = (
  json: unknown,
  kind: Kind,
  report: LeftOutReport,
): E.Either<string, ReadonlyArray<ForeignTask>> =>
  pipe(
    listsOf(json, report),
    E.chain(E.traverseArray(list => readList(list, kind, report))),
    E.map(lists => lists.flat()),
  )

const readList = (
  { tag, items }: TagList,
  kind: Kind,
  report: LeftOutReport,
): E.Either<string, ReadonlyArray<ForeignTask>> => {
  const reader: Reader = { kind, report, tag, ids: idsOf(items) }
  const placeOf = (index: number): string => `task ${index + 1}${tag === firstTag ? '' : ` of ${tag}`}`
  return pipe(
    items,
    E.traverseArrayWithIndex((index, item) => readTaskTree(reader, item, placeOf(index))),
    E.map(tasks => tasks.flat()),
  )
}

/** True if a value is a Task Master file with tags. */
export const hasTags = (json: unknown): boolean =>
  isObject(json) && json.tasks === undefined && Object.values(json).some(isTagged)

type TagList = { readonly tag: string; readonly items: ReadonlyArray<unknown> }

const isTagged = (value: unknown): value is { readonly tasks: ReadonlyArray<unknown> } =>
  isObject(value) && Array.isArray(value.tasks)

const listsOf = (json: unknown, report: LeftOutReport): E.Either<string, ReadonlyArray<TagList>> => {
  if (!isObject(json)) return E.left(noLists)
  const lists: Array<TagList> = []
  for (const [name, value] of Object.entries(json))
    if (name === 'tasks' && Array.isArray(value)) lists.push({ tag: firstTag, items: value as ReadonlyArray<unknown> })
    else if (isTagged(value)) {
      lists.push({ tag: name, items: value.tasks })
      if (value['metadata' as keyof typeof value] !== undefined)
        report.leave('field', 'metadata', 'it describes the list, not a task', name)
    } else report.leave('field', name, 'it describes the list, not a task', name)
  return lists.length === 0 ? E.left(noLists) : E.right(lists)
}

const noLists = 'expected an object with "tasks", or with tags that have "tasks", as Task Master writes it'

/** The context for the tasks of one tag; `ids`: all their ids, subtasks with a dot. */
type Reader = {
  readonly kind: Kind
  readonly report: LeftOutReport
  readonly tag: string
  readonly ids: ReadonlySet<string>
}

/** Converts an id or a dependency, a number or a string, to a string. */
const idText = (value: unknown): string | undefined =>
  typeof value === 'number' || (typeof value === 'string' && value !== '') ? String(value) : undefined

const partsOf = (item: unknown): ReadonlyArray<unknown> =>
  isObject(item) && Array.isArray(item.subtasks) ? (item.subtasks as ReadonlyArray<unknown>) : []

const partId = (whole: string, part: string): string => (part.startsWith(`${whole}.`) ? part : `${whole}.${part}`)

const idsOf = (items: ReadonlyArray<unknown>): ReadonlySet<string> => {
  const ids = new Set<string>()
  for (const item of items) {
    const id = isObject(item) ? idText(item.id) : undefined
    if (id === undefined) continue
    ids.add(id)
    for (const part of partsOf(item)) {
      const own = isObject(part) ? idText(part.id) : undefined
      if (own !== undefined) ids.add(partId(id, own))
    }
  }
  return ids
}

/** Reads a task and its subtasks. */
const readTaskTree = (reader: Reader, item: unknown, place: string): E.Either<string, ReadonlyArray<ForeignTask>> =>
  pipe(
    readOne(reader, item, place, undefined),
    E.chain(whole => withParts(reader, item, place, whole)),
  )

const withParts = (
  reader: Reader,
  item: unknown,
  place: string,
  whole: Read,
): E.Either<string, ReadonlyArray<ForeignTask>> =>
  pipe(
    partsOf(item),
    E.traverseArrayWithIndex((index, part) => readOne(reader, part, `${place}, subtask ${index + 1}`, whole)),
    E.map(reads => reads.map(({ task }) => task)),
    E.map(parts => [...parts, { ...whole.task, needs: [...whole.task.needs, ...parts.map(({ id }) => id)] }]),
  )

/** A task, and its id within its tag. */
type Read = { readonly id: string; readonly task: ForeignTask }

/** Reads a task or a subtask; `whole`: the task that this one is a subtask of. */
const readOne = (reader: Reader, item: unknown, place: string, whole: Read | undefined): E.Either<string, Read> => {
  const ownId = isObject(item) ? idText(item.id) : undefined
  const id = whole === undefined || ownId === undefined ? (ownId ?? '') : partId(whole.id, ownId)
  return pipe(
    foreignFields(item, ownId === undefined ? place : named(reader.tag, id), reader.report),
    E.filterOrElse(
      () => ownId !== undefined,
      () => `${place} needs an "id", a number or a string`,
    ),
    E.map(fields => ({ id, task: taskOf(reader, id, place, whole, fields) })),
  )
}

const taskOf = (
  reader: Reader,
  id: string,
  place: string,
  whole: Read | undefined,
  fields: ForeignFields,
): ForeignTask => {
  const { kind, report, tag } = reader
  const { any, text, texts, items, leaveRest } = fields
  for (const read of ['id', ...(whole === undefined ? ['subtasks'] : ['parentId', 'parentTaskId'])]) any(read)
  const own = items('dependencies').flatMap(on => dependencyOf(reader, id, whole, on, fields))
  // A subtask inherits the dependencies of its task, except those on its subtasks.
  const inherited = (whole?.task.needs ?? []).filter(need => !need.startsWith(named(tag, `${whole?.id}.`)))
  const task: ForeignTask = {
    place,
    id: named(tag, id),
    kind,
    title: text('title'),
    payload: Object.fromEntries(payloadFields.map(name => [name, texts(name)])),
    needs: [...own, ...inherited],
    priority: priorityOf(fields, report) ?? whole?.task.priority,
    tags: [...(tag === firstTag ? [] : [tag]), ...items('tags').filter(word => typeof word === 'string')],
    standing: standingOf(fields, report),
  }
  leaveRest()
  return task
}

const named = (tag: string, id: string): string => (tag === firstTag ? id : `${tag}/${id}`)

/** Resolves a dependency: of a subtask first to another subtask of the same task, then to any task. */
const dependencyOf = (
  { ids, tag, report }: Reader,
  id: string,
  whole: Read | undefined,
  on: unknown,
  { at }: ForeignFields,
): ReadonlyArray<string> => {
  const name = idText(on)
  if (name === undefined) {
    report.leave('relation', 'dependencies', 'neither a number nor a string', at)
    return []
  }
  const sibling = whole === undefined ? undefined : partId(whole.id, name)
  const meant = sibling !== undefined && sibling !== id && ids.has(sibling) ? sibling : name
  if (meant !== whole?.id) return [named(tag, meant)]
  report.leave('relation', 'dependencies', 'a subtask cannot depend on its own task, which depends on it', at)
  return []
}

const priorityOf = ({ text, at }: ForeignFields, report: LeftOutReport): number | undefined => {
  const word = text('priority')
  if (word === undefined) return undefined
  const priority = priorities.get(word.toLowerCase())
  if (priority === undefined) report.leave('priority', word, 'not one of critical, high, medium and low', at)
  return priority
}

const standingOf = ({ text, at }: ForeignFields, report: LeftOutReport): ImportedState => {
  const status = text('status') ?? 'pending'
  const worker = text('assignee')
  switch (status) {
    case 'pending':
      return { status: 'ready' }
    case 'in-progress':
      if (worker === undefined) report.leave('claim', status, 'it has no assignee', at)
      return { status: 'ready', worker }
    case 'done':
    case 'completed':
      return { status: 'done', worker }
    case 'cancelled':
      return { status: 'cancelled', reason: 'cancelled in Task Master' }
    case 'blocked':
      return { status: 'held' }
    case 'review':
    case 'deferred':
      return { status: 'held', reason: `${status} in Task Master` }
    default:
      report.leave('status', status, 'unknown status; the task is imported on hold', at)
      return { status: 'held', reason: `${status} in Task Master` }
  }
}
