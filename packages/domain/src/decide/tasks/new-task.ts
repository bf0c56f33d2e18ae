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

/** The fields, as spelt in files, in which an existing task differs from one to add. */
export const findDifferences = (existing: NewTask, task: NewTask): ReadonlyArray<string> => {
  const existingFields = NewTask.encode(existing)
  const newFields = NewTask.encode(task)
  return NewTask.wireNames().filter(name => name !== 'task_id' && !isSameJson(existingFields[name], newFields[name]))
}
