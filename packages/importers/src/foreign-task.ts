import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { defined, type Json } from '@claimlog/codecs'
import {
  type ImportedTask,
  type ImportedStanding,
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

/** A task as another tool's file tells it, in that tool's own names. */
export type ForeignTask = {
  /** Where it stands, as its author finds it: `line 3`, `issue 2`. */
  readonly place: string
  readonly id: string
  readonly kind: Kind
  readonly title?: string | undefined
  /** What whoever does it must know; a field only where it has a value. */
  readonly payload: Readonly<Record<string, Json | undefined>>
  readonly needs: ReadonlyArray<string>
  readonly priority?: number | undefined
  readonly tags: ReadonlyArray<string>
  readonly notBefore?: string | undefined
  readonly standing: ImportedStanding
}

/**
 * The tasks as they can be imported: names made fit, payloads within a line. A task that is told twice alike comes once.
 * Left: two tasks of one id that differ, or one that no line can hold.
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
    const payload = defined(task.payload) as Readonly<Record<string, Json>>
    const needs = [...new Set(task.needs.map(idOf))]
    const spec = {
      kind,
      taskId: idOf(task.id),
      ...defined({ title, priority, notBefore }),
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
    if (before === undefined) first.set(id, task)
    else if (JSON.stringify({ ...before, place }) !== JSON.stringify(task))
      return E.left(`${place}: ${JSON.stringify(shortened(id))} is at ${before.place} already, and they differ`)
    else report.leave('item', 'repeated', 'it is in the file already, and the same', place)
  }
  return E.right([...first.values()])
}

/** The id that a task gets here by its id there. What is not among the tasks is told the same way. */
const fittingIds = (tasks: ReadonlyArray<ForeignTask>, report: LeftOutReport): ((id: string) => TaskId) => {
  const taken = new Set(tasks.map(({ id }) => id).filter(NewTaskId.is))
  const freeName = freeNames(taken)
  const renamed = new Map<string, TaskId>()
  const idOf = (id: string): TaskId => {
    const known = NewTaskId.is(id) ? id : renamed.get(id)
    if (known !== undefined) return known
    // Room for a number where the name is taken.
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

const standingOf = ({ standing }: ForeignTask, report: LeftOutReport): ImportedStanding => {
  const { worker } = standing
  if (worker === undefined || NewWorkerName.is(worker)) return standing
  const name = fittingName(worker, 200)
  renames('worker', worker, name, report)
  return { ...standing, worker: name }
}

/** Says that a name had to be made fit; undefined: nothing was left of it. */
const renames = (what: string, from: string, to: string | undefined, report: LeftOutReport): void =>
  report.leave(
    'name',
    what,
    'it has white space or control characters, or is too long',
    to === undefined ? JSON.stringify(shortened(from)) : `${JSON.stringify(shortened(from))} becomes ${to}`,
  )
