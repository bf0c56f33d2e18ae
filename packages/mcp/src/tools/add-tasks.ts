import * as E from 'fp-ts/lib/Either.js'
import { closedRecord, JsonObject, listOf, Text } from '@claimlog/codecs'
import { Count, findTask, Kind, Label, Priority, TaskId } from '@claimlog/domain'
import { tool } from '../tool.ts'

const names = listOf(Label, 'a list of labels')

/** What agents say of a task; people and scripts can say more. */
const NewTask = closedRecord(
  'task',
  { kind: Kind },
  {
    task_id: TaskId,
    title: Text,
    payload: JsonObject,
    needs: listOf(TaskId, 'a list of task ids'),
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
  input: closedRecord('arguments', { tasks: listOf(NewTask, 'a list of tasks') }, {}),
  fields: {
    needs: 'Ids to be done first',
    priority: '0 first, default 5',
    key: 'At most one task has a key',
  },
  run: async ({ tasks }, { workspace, by }) => {
    const added = await workspace.run({ command: 'add', tasks, by })()
    if (E.isLeft(added)) return added
    const ids = added.right.tasks.map(({ task }) => task.id)
    const seen = await workspace.read(state => ids.map(id => findTask(state, id)?.seq ?? 0))()
    if (E.isLeft(seen)) return seen
    const items = added.right.tasks.map(({ task: { id, kind, status } }, i) => ({
      shown: { id, kind, status },
      // Whoever wants to see the others finds them behind this one in list_tasks.
      cursor: String(seen.right[i]),
    }))
    return E.right({ head: {}, list: { name: 'tasks', items }, seq: added.right.seq })
  },
})
