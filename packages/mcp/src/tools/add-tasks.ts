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
import type { Answer } from '../answer.ts'
import { tool } from '../tool.ts'

const names = listCodec(Label, 'a list of labels')

/** The fields that agents can set; people and scripts can set more. */
const NewTask = closedRecord(
  'task',
  { kind: Kind },
  {
    task_id: TaskId,
    title: Text,
    payload: JsonObject,
    needs: listCodec(TaskId, 'a list of task ids'),
    priority: Priority,
    key: Label,
    tags: names,
    max_attempts: Count,
  },
)

/** Adds tasks, all or none. */
export const addTasks = tool({
  name: 'add_tasks',
  description: 'Add tasks, all or none.',
  readOnly: false,
  idempotent: false,
  input: closedRecord('arguments', { tasks: listCodec(NewTask, 'a list of tasks') }, {}),
  fields: {
    needs: 'Ids of dependencies',
    priority: '0 first, default 5',
    key: 'At most one task per key',
  },
  run: ({ tasks }, { queue, by }) =>
    pipe(
      queue.addMany(tasks, { by }),
      TE.bind('positions', ({ tasks: added }) => placesOf(queue, added)),
      TE.map(answerOf),
    ),
})

/** The positions of the tasks in list_tasks, for the cursor. */
const placesOf = (
  queue: LocalQueue,
  tasks: ReadonlyArray<TaskView>,
): TE.TaskEither<QueueFailure, ReadonlyArray<number>> =>
  queue.query(state => tasks.map(({ id }) => findTask(state, id)?.seq ?? 0))

type Added = {
  readonly tasks: ReadonlyArray<TaskView>
  readonly positions: ReadonlyArray<number>
  readonly seq: number
}

const answerOf = ({ tasks, positions, seq }: Added): Answer => {
  const items = tasks.map((task, i) => ({ shown: addedTask(task), cursor: String(positions[i]) }))
  return { head: {}, list: { name: 'tasks', items }, seq }
}

const addedTask = ({ id, kind, status }: TaskView): AddedTask => ({ id, kind, status })
