import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { closedRecord, explainErrors, listCodec, Text } from '@claimlog/codecs'
import { type ImportedTask, Kind, TaskId } from '@claimlog/domain'
import { formatPath } from './format-path.ts'

const GraphTask = closedRecord(
  'task',
  { id: TaskId },
  {
    title: Text,
    status: t.keyof({ pending: null, done: null }),
    deps: listCodec(TaskId, 'a list of task ids'),
    kind: Kind,
  },
)

const TaskGraph = closedRecord('task graph', { tasks: listCodec(GraphTask, 'a list of tasks') }, {})

/** The kind of tasks from files without kinds. */
export const defaultKind: Kind = 'task'

/** Reads the tasks of a task graph; `deps` are their dependencies. Tasks without a kind get `kind`. */
export const readTaskGraph = (json: unknown, kind: Kind): E.Either<string, ReadonlyArray<ImportedTask>> =>
  pipe(
    TaskGraph.decode(Array.isArray(json) ? { tasks: json } : json),
    E.bimap(
      errors => explainErrors(errors, formatPath),
      ({ tasks }) => tasks.map(task => toImportedTask(task, kind)),
    ),
  )

const toImportedTask = (
  { id, title, status, deps = [], kind }: t.TypeOf<typeof GraphTask>,
  fallbackKind: Kind,
): ImportedTask => ({
  task: { kind: kind ?? fallbackKind, taskId: id, title, needs: deps.length === 0 ? undefined : deps },
  importedState: { status: status === 'done' ? 'done' : 'ready' },
})
