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
import { fittingName, freeNames } from './fitting-names.ts'
import { type LeftOutReport, shortened } from './left-out.ts'
import { withinALine } from './within-a-line.ts'

/** A task of another tool, with that tool's names. */
export type ForeignTask = {
  /** Its position in the file, for messages: `line 3`, `issue 2`. */
  readonly place: string
  readonly id: string
  readonly kind: Kind
  readonly title?: string | undefined
  /** The details that its worker must know; undefined fields are dropped. */
  readonly payload: Readonly<Record<string, Json | undefined>>
  readonly needs: ReadonlyArray<string>
  readonly priority?: number | undefined
  readonly tags: ReadonlyArray<string>
  readonly notBefore?: string | undefined
  readonly standing: ImportedState
}

/**
 * Converts tasks so that they can be imported: makes names valid, cuts payloads to fit a line and drops duplicates.
 * Left: two different tasks have the same id, or a task does not fit in a line.
 */
export const assembled = (
  tasks: ReadonlyArray<ForeignTask>,
  report: LeftOutReport,
): E.Either<string, ReadonlyArray<ImportedTask>> =>
  pipe(
    withoutRepeats(tasks, report),
    E.chain(once => E.traverseArray(importedTask(fittingIds(once, report), report))(once)),
  )

const importedTask =
  (idOf: (id: string) => TaskId, report: LeftOutReport) =>
  (task: ForeignTask): E.Either<string, ImportedTask> => {
    const { kind, title, priority, notBefore } = task
    const payload = omitUndefined(task.payload) as Readonly<Record<string, Json>>
    const needs = [...new Set(task.needs.map(idOf))]
    const spec = {
      kind,
      taskId: idOf(task.id),
      ...omitUndefined({ title, priority, notBefore }),
      ...(needs.length === 0 ? {} : { needs }),
      ...tagsOf(task, report),
    }
    return pipe(
      withinALine(spec, payload, task.place, report),
      E.map(fitting => ({ task: fitting, standing: standingOf(task, report) })),
    )
  }

const withoutRepeats = (
  tasks: ReadonlyArray<ForeignTask>,
  report: LeftOutReport,
): E.Either<string, ReadonlyArray<ForeignTask>> => {
  const first = new Map<string, ForeignTask>()
  for (const task of tasks) {
    const { id, place } = task
    const before = first.get(id)
    const samePlace: ForeignTask | undefined = before && { ...before, place }
    if (before === undefined) first.set(id, task)
    else if (JSON.stringify(samePlace) !== JSON.stringify(task))
      return E.left(`${place}: ${JSON.stringify(shortened(id))} is already at ${before.place}, with different content`)
    else report.leave('item', 'repeated', 'a duplicate of an earlier item', place)
  }
  return E.right([...first.values()])
}

/** Maps the other tool's ids to task ids, also ids of tasks that are not in the file. */
const fittingIds = (tasks: ReadonlyArray<ForeignTask>, report: LeftOutReport): ((id: string) => TaskId) => {
  const taken = new Set(tasks.map(({ id }) => id).filter(NewTaskId.is))
  const freeName = freeNames(taken)
  const renamed = new Map<string, TaskId>()
  const idOf = (id: string): TaskId => {
    const known = NewTaskId.is(id) ? id : renamed.get(id)
    if (known !== undefined) return known
    // 190 of 200 characters leave room for a number if the name is taken.
    const name = freeName(fittingName(id, 190) ?? 'task')
    renamed.set(id, name)
    return name
  }
  for (const { id } of tasks) if (!NewTaskId.is(id)) renames('id', id, idOf(id), report)
  return idOf
}

const tagsOf = ({ tags }: ForeignTask, report: LeftOutReport): { readonly tags?: ReadonlyArray<Label> } => {
  const fitting = new Set<Label>()
  for (const tag of tags) {
    const name = NewLabel.is(tag) ? tag : fittingName(tag, 200)
    if (name !== tag) renames('tag', tag, name, report)
    if (name !== undefined) fitting.add(name)
  }
  return fitting.size === 0 ? {} : { tags: [...fitting] }
}

const standingOf = ({ standing }: ForeignTask, report: LeftOutReport): ImportedState => {
  const { worker } = standing
  if (worker === undefined || NewWorkerName.is(worker)) return standing
  const name = fittingName(worker, 200)
  renames('worker', worker, name, report)
  return { ...standing, worker: name }
}

/** Reports a renamed name; `to` undefined: it was dropped. */
const renames = (what: string, from: string, to: string | undefined, report: LeftOutReport): void =>
  report.leave(
    'name',
    what,
    'it has white space or control characters, or is too long',
    to === undefined ? JSON.stringify(shortened(from)) : `${JSON.stringify(shortened(from))} becomes ${to}`,
  )
