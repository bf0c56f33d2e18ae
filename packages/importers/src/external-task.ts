import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { omitUndefined, type Json } from '@claimlog/codecs'
import {
  type ImportedTask,
  type ImportedState,
  type Kind,
  type Label,
  NewLabel,
  NewTaskId,
  NewWorkerName,
  type TaskId,
} from '@claimlog/domain'
import { sanitizeName, nameAllocator } from './sanitize-name.ts'
import { type ImportWarnings, truncateName } from './import-warnings.ts'
import { trimToLine } from './line-size.ts'

/** A task of another tool, with that tool's names. */
export type ExternalTask = {
  /** Its position in the file, for messages: `line 3`, `issue 2`. */
  readonly position: string
  readonly id: string
  readonly kind: Kind
  readonly title?: string | undefined
  /** The details that its worker must know; undefined fields are dropped. */
  readonly payload: Readonly<Record<string, Json | undefined>>
  readonly needs: ReadonlyArray<string>
  readonly priority?: number | undefined
  readonly tags: ReadonlyArray<string>
  readonly notBefore?: string | undefined
  readonly importedState: ImportedState
}

/**
 * Converts tasks so that they can be imported: makes names valid, cuts payloads to fit a line and drops duplicates.
 * Left: two different tasks have the same id, or a task does not fit in a line.
 */
export const normalizeTasks = (
  tasks: ReadonlyArray<ExternalTask>,
  warnings: ImportWarnings,
): E.Either<string, ReadonlyArray<ImportedTask>> =>
  pipe(
    dropDuplicates(tasks, warnings),
    E.chain(uniqueTasks => E.traverseArray(toImportedTask(taskIdMapper(uniqueTasks, warnings), warnings))(uniqueTasks)),
  )

const toImportedTask =
  (toTaskId: (id: string) => TaskId, warnings: ImportWarnings) =>
  (task: ExternalTask): E.Either<string, ImportedTask> => {
    const { kind, title, priority, notBefore } = task
    const payload = omitUndefined(task.payload) as Readonly<Record<string, Json>>
    const needs = [...new Set(task.needs.map(toTaskId))]
    const spec = {
      kind,
      taskId: toTaskId(task.id),
      ...omitUndefined({ title, priority, notBefore }),
      ...(needs.length === 0 ? {} : { needs }),
      ...sanitizeTags(task, warnings),
    }
    return pipe(
      trimToLine(spec, payload, task.position, warnings),
      E.map(sanitized => ({ task: sanitized, importedState: sanitizeWorker(task, warnings) })),
    )
  }

const dropDuplicates = (
  tasks: ReadonlyArray<ExternalTask>,
  warnings: ImportWarnings,
): E.Either<string, ReadonlyArray<ExternalTask>> => {
  const tasksById = new Map<string, ExternalTask>()
  for (const task of tasks) {
    const { id, position } = task
    const earlier = tasksById.get(id)
    const moved: ExternalTask | undefined = earlier && { ...earlier, position }
    if (earlier === undefined) tasksById.set(id, task)
    else if (JSON.stringify(moved) !== JSON.stringify(task))
      return E.left(
        `${position}: ${JSON.stringify(truncateName(id))} is already at ${earlier.position}, with different content`,
      )
    else warnings.add('item', 'repeated', 'a duplicate of an earlier item', position)
  }
  return E.right([...tasksById.values()])
}

/** Maps the other tool's ids to task ids, also ids of tasks that are not in the file. */
const taskIdMapper = (tasks: ReadonlyArray<ExternalTask>, warnings: ImportWarnings): ((id: string) => TaskId) => {
  const usedIds = new Set(tasks.map(({ id }) => id).filter(NewTaskId.is))
  const allocateName = nameAllocator(usedIds)
  const renamedIds = new Map<string, TaskId>()
  const toTaskId = (id: string): TaskId => {
    const existing = NewTaskId.is(id) ? id : renamedIds.get(id)
    if (existing !== undefined) return existing
    // 190 of 200 characters leave room for a number if the name is taken.
    const name = allocateName(sanitizeName(id, 190) ?? 'task')
    renamedIds.set(id, name)
    return name
  }
  for (const { id } of tasks) if (!NewTaskId.is(id)) reportRename('id', id, toTaskId(id), warnings)
  return toTaskId
}

const sanitizeTags = ({ tags }: ExternalTask, warnings: ImportWarnings): { readonly tags?: ReadonlyArray<Label> } => {
  const sanitized = new Set<Label>()
  for (const tag of tags) {
    const name = NewLabel.is(tag) ? tag : sanitizeName(tag, 200)
    if (name !== tag) reportRename('tag', tag, name, warnings)
    if (name !== undefined) sanitized.add(name)
  }
  return sanitized.size === 0 ? {} : { tags: [...sanitized] }
}

const sanitizeWorker = ({ importedState }: ExternalTask, warnings: ImportWarnings): ImportedState => {
  const { worker } = importedState
  if (worker === undefined || NewWorkerName.is(worker)) return importedState
  const name = sanitizeName(worker, 200)
  reportRename('worker', worker, name, warnings)
  return { ...importedState, worker: name }
}

/** Reports a renamed name; `replacement` undefined: it was dropped. */
const reportRename = (
  what: string,
  original: string,
  replacement: string | undefined,
  warnings: ImportWarnings,
): void =>
  warnings.add(
    'name',
    what,
    'it has white space or control characters, or is too long',
    replacement === undefined
      ? JSON.stringify(truncateName(original))
      : `${JSON.stringify(truncateName(original))} becomes ${replacement}`,
  )
