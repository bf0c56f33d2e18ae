import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { closedRecord, JsonObject, listCodec, Text } from '@claimlog/codecs'
import {
  Count,
  findTask,
  Kind,
  Label,
  type LocalQueue,
  Priority,
  type QueueFailure,
  TaskId,
} from '@claimlog/client/unstable-internals'
import type { AddedTask, TaskView } from '@claimlog/wire'
import type { ToolOutput } from '../answer.ts'
import { defineTool } from '../tool.ts'

const labels = listCodec(Label, 'a list of labels')

/** The fields that agents can set; people and scripts can set more. */
const NewTaskInput = closedRecord(
  'task',
  { kind: Kind },
  {
    task_id: TaskId,
    title: Text,
    payload: JsonObject,
    needs: listCodec(TaskId, 'a list of task ids'),
    priority: Priority,
    key: Label,
    tags: labels,
    max_attempts: Count,
  },
)

/** Adds tasks, all or none. */
export const addTasks = defineTool({
  name: 'add_tasks',
  description: 'Add tasks, all or none.',
  readOnly: false,
  idempotent: false,
  input: closedRecord('arguments', { tasks: listCodec(NewTaskInput, 'a list of tasks') }, {}),
  fields: {
    needs: 'Ids of dependencies',
    priority: '0 first, default 5',
    key: 'At most one task per key',
  },
  run: ({ tasks }, { queue, by }) =>
    pipe(
      queue.addMany(tasks, { by }),
      TE.bind('positions', ({ tasks: added }) => readPositions(queue, added)),
      TE.map(toAnswer),
    ),
})

/** The positions of the tasks in list_tasks, for the cursor. */
const readPositions = (
  queue: LocalQueue,
  tasks: ReadonlyArray<TaskView>,
): TE.TaskEither<QueueFailure, ReadonlyArray<number>> =>
  queue.query(state => tasks.map(({ id }) => findTask(state, id)?.seq ?? 0))

type AddResult = {
  readonly tasks: ReadonlyArray<TaskView>
  readonly positions: ReadonlyArray<number>
  readonly seq: number
}

const toAnswer = ({ tasks, positions, seq }: AddResult): ToolOutput => {
  const items = tasks.map((task, i) => ({ shown: addedTask(task), cursor: String(positions[i]) }))
  return { head: {}, list: { name: 'tasks', items }, seq }
}

const addedTask = ({ id, kind, status }: TaskView): AddedTask => ({ id, kind, status })
