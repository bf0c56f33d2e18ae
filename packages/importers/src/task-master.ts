import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isObject } from '@claimlog/codecs'
import type { ImportedState, Kind } from '@claimlog/domain'
import { type ExternalFields, readFields } from './external-fields.ts'
import type { ExternalTask } from './external-task.ts'
import type { ImportWarnings } from './import-warnings.ts'

/** The list of a file without tags, and the first one that Task Master creates. */
const firstTag = 'master'

/** The fields of a task that its worker must know. */
const payloadFields = ['description', 'details', 'testStrategy', 'acceptanceCriteria'] as const

const priorities: ReadonlyMap<string, number> = new Map(Object.entries({ critical: 0, high: 2, medium: 5, low: 8 }))

/**
 * Reads the tasks of Task Master's `tasks.json`, `{"tasks": […]}` or with tags `{"master": {"tasks": […]}, …}`, as
 * described in https://github.com/eyaltoledano/claude-task-master (docs/task-structure.md). A subtask is a task `5.2`:
 * its task depends on it, and it depends on what its task depends on. Tasks of a tag other than `master` are named
 * `tag/5`.
 */
export const readTaskMaster = (
  json: unknown,
  kind: Kind,
  warnings: ImportWarnings,
): E.Either<string, ReadonlyArray<ExternalTask>> =>
  pipe(
    readLists(json, warnings),
    E.chain(E.traverseArray(list => readList(list, kind, warnings))),
    E.map(lists => lists.flat()),
  )

const readList = (
  { tag, items }: TagList,
  kind: Kind,
  warnings: ImportWarnings,
): E.Either<string, ReadonlyArray<ExternalTask>> => {
  const context: TagContext = { kind, warnings, tag, ids: collectIds(items) }
  const taskPosition = (index: number): string => `task ${index + 1}${tag === firstTag ? '' : ` of ${tag}`}`
  return pipe(
    items,
    E.traverseArrayWithIndex((index, item) => readTaskTree(context, item, taskPosition(index))),
    E.map(tasks => tasks.flat()),
  )
}

/** True if a value is a Task Master file with tags. */
export const hasTags = (json: unknown): boolean =>
  isObject(json) && json.tasks === undefined && Object.values(json).some(isTagged)

type TagList = { readonly tag: string; readonly items: ReadonlyArray<unknown> }

const isTagged = (value: unknown): value is { readonly tasks: ReadonlyArray<unknown> } =>
  isObject(value) && Array.isArray(value.tasks)

const readLists = (json: unknown, warnings: ImportWarnings): E.Either<string, ReadonlyArray<TagList>> => {
  if (!isObject(json)) return E.left(listsExpected)
  const lists: Array<TagList> = []
  for (const [name, value] of Object.entries(json))
    if (name === 'tasks' && Array.isArray(value)) lists.push({ tag: firstTag, items: value as ReadonlyArray<unknown> })
    else if (isTagged(value)) {
      lists.push({ tag: name, items: value.tasks })
      if (value['metadata' as keyof typeof value] !== undefined)
        warnings.add('field', 'metadata', 'it describes the list, not a task', name)
    } else warnings.add('field', name, 'it describes the list, not a task', name)
  return lists.length === 0 ? E.left(listsExpected) : E.right(lists)
}

const listsExpected = 'expected an object with "tasks", or with tags that have "tasks", as Task Master writes it'

/** The context for the tasks of one tag; `ids`: all their ids, subtasks with a dot. */
type TagContext = {
  readonly kind: Kind
  readonly warnings: ImportWarnings
  readonly tag: string
  readonly ids: ReadonlySet<string>
}

/** Converts an id or a dependency, a number or a string, to a string. */
const idText = (value: unknown): string | undefined =>
  typeof value === 'number' || (typeof value === 'string' && value !== '') ? String(value) : undefined

const readSubtasks = (item: unknown): ReadonlyArray<unknown> =>
  isObject(item) && Array.isArray(item.subtasks) ? (item.subtasks as ReadonlyArray<unknown>) : []

const subtaskId = (parent: string, subtask: string): string =>
  subtask.startsWith(`${parent}.`) ? subtask : `${parent}.${subtask}`

const collectIds = (items: ReadonlyArray<unknown>): ReadonlySet<string> => {
  const ids = new Set<string>()
  for (const item of items) {
    const id = isObject(item) ? idText(item.id) : undefined
    if (id === undefined) continue
    ids.add(id)
    for (const subtask of readSubtasks(item)) {
      const ownId = isObject(subtask) ? idText(subtask.id) : undefined
      if (ownId !== undefined) ids.add(subtaskId(id, ownId))
    }
  }
  return ids
}

/** Reads a task and its subtasks. */
const readTaskTree = (
  context: TagContext,
  item: unknown,
  position: string,
): E.Either<string, ReadonlyArray<ExternalTask>> =>
  pipe(
    readSingleTask(context, item, position, undefined),
    E.chain(parent => addSubtasks(context, item, position, parent)),
  )

const addSubtasks = (
  context: TagContext,
  item: unknown,
  position: string,
  parent: TaskWithId,
): E.Either<string, ReadonlyArray<ExternalTask>> =>
  pipe(
    readSubtasks(item),
    E.traverseArrayWithIndex((index, subtask) =>
      readSingleTask(context, subtask, `${position}, subtask ${index + 1}`, parent),
    ),
    E.map(subtasks => subtasks.map(({ task }) => task)),
    E.map(subtasks => [
      ...subtasks,
      { ...parent.task, needs: [...parent.task.needs, ...subtasks.map(({ id }) => id)] },
    ]),
  )

/** A task, and its id within its tag. */
type TaskWithId = { readonly id: string; readonly task: ExternalTask }

/** Reads a task or a subtask; `parent`: the task that this one is a subtask of. */
const readSingleTask = (
  context: TagContext,
  item: unknown,
  position: string,
  parent: TaskWithId | undefined,
): E.Either<string, TaskWithId> => {
  const ownId = isObject(item) ? idText(item.id) : undefined
  const id = parent === undefined || ownId === undefined ? (ownId ?? '') : subtaskId(parent.id, ownId)
  return pipe(
    readFields(item, ownId === undefined ? position : qualifiedId(context.tag, id), context.warnings),
    E.filterOrElse(
      () => ownId !== undefined,
      () => `${position} needs an "id", a number or a string`,
    ),
    E.map(fields => ({ id, task: toTask(context, id, position, parent, fields) })),
  )
}

const toTask = (
  context: TagContext,
  id: string,
  position: string,
  parent: TaskWithId | undefined,
  fields: ExternalFields,
): ExternalTask => {
  const { kind, warnings, tag } = context
  const { any, text, texts, items, reportUnread } = fields
  for (const name of ['id', ...(parent === undefined ? ['subtasks'] : ['parentId', 'parentTaskId'])]) any(name)
  const ownNeeds = items('dependencies').flatMap(dependency =>
    resolveDependency(context, id, parent, dependency, fields),
  )
  // A subtask inherits the dependencies of its task, except those on its subtasks.
  const inheritedNeeds = (parent?.task.needs ?? []).filter(need => !need.startsWith(qualifiedId(tag, `${parent?.id}.`)))
  const task: ExternalTask = {
    position,
    id: qualifiedId(tag, id),
    kind,
    title: text('title'),
    payload: Object.fromEntries(payloadFields.map(name => [name, texts(name)])),
    needs: [...ownNeeds, ...inheritedNeeds],
    priority: readPriority(fields, warnings) ?? parent?.task.priority,
    tags: [...(tag === firstTag ? [] : [tag]), ...items('tags').filter(name => typeof name === 'string')],
    importedState: readStatus(fields, warnings),
  }
  reportUnread()
  return task
}

const qualifiedId = (tag: string, id: string): string => (tag === firstTag ? id : `${tag}/${id}`)

/** Resolves a dependency: of a subtask first to another subtask of the same task, then to any task. */
const resolveDependency = (
  { ids, tag, warnings }: TagContext,
  id: string,
  parent: TaskWithId | undefined,
  dependency: unknown,
  { itemRef }: ExternalFields,
): ReadonlyArray<string> => {
  const name = idText(dependency)
  if (name === undefined) {
    warnings.add('relation', 'dependencies', 'neither a number nor a string', itemRef)
    return []
  }
  const sibling = parent === undefined ? undefined : subtaskId(parent.id, name)
  const resolvedId = sibling !== undefined && sibling !== id && ids.has(sibling) ? sibling : name
  if (resolvedId !== parent?.id) return [qualifiedId(tag, resolvedId)]
  warnings.add('relation', 'dependencies', 'a subtask cannot depend on its own task, which depends on it', itemRef)
  return []
}

const readPriority = ({ text, itemRef }: ExternalFields, warnings: ImportWarnings): number | undefined => {
  const word = text('priority')
  if (word === undefined) return undefined
  const priority = priorities.get(word.toLowerCase())
  if (priority === undefined) warnings.add('priority', word, 'not one of critical, high, medium and low', itemRef)
  return priority
}

const readStatus = ({ text, itemRef }: ExternalFields, warnings: ImportWarnings): ImportedState => {
  const status = text('status') ?? 'pending'
  const worker = text('assignee')
  switch (status) {
    case 'pending':
      return { status: 'ready' }
    case 'in-progress':
      if (worker === undefined) warnings.add('claim', status, 'it has no assignee', itemRef)
      return { status: 'ready', worker }
    case 'done':
    case 'completed':
      return { status: 'done', worker }
    case 'cancelled':
      return { status: 'cancelled', reason: 'cancelled in Task Master' }
    case 'blocked':
      return { status: 'held' }
    default:
      if (status !== 'review' && status !== 'deferred')
        warnings.add('status', status, 'unknown status; the task is imported on hold', itemRef)
      return { status: 'held', reason: `${status} in Task Master` }
  }
}
