import type * as t from 'io-ts'
import { closedRecord, isSameJson, listCodec } from '@claimlog/codecs'
import { taskFields } from '../../values/task-fields.ts'
import { NewKind, NewLabel, NewTaskId } from '../../values/scalars.ts'

/** A task as a caller describes it. Its default id is `<kind>-<seq>`. */
export const NewTask = closedRecord(
  'task',
  { kind: NewKind },
  { task_id: NewTaskId, ...taskFields, key: NewLabel, tags: listCodec(NewLabel, 'a list of labels') },
)
export type NewTask = t.TypeOf<typeof NewTask>

/** The names of the fields in which an existing task differs from one to add. */
export const findDifferences = (existing: NewTask, task: NewTask): ReadonlyArray<string> => {
  const existingFields = NewTask.encode(existing)
  const newFields = NewTask.encode(task)
  return NewTask.fields()
    .filter(({ wireName }) => wireName !== 'task_id' && !isSameJson(existingFields[wireName], newFields[wireName]))
    .map(({ codeName }) => codeName)
}
