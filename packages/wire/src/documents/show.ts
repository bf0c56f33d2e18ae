import { listCodec, Text } from '@claimlog/codecs'
import { Count, Label, Seq, TaskId, Time } from '@claimlog/domain'
import { object, optional } from './object.ts'
import { Amount, ClaimView, taskFields, TaskView } from './task.ts'
import type { View } from './view.ts'

/** The details of a task beyond its own fields. */
const detailFields = {
  claim: optional(ClaimView),
  added_at: Time,
  attempts: Amount,
  max_attempts: Count,
  open_needs: optional(listCodec(TaskId, 'open needs')),
  /** The open dependencies that failed or were cancelled, so that the task stays blocked. */
  dead_needs: optional(listCodec(TaskId, 'dead needs')),
  cancel_reason: optional(Text),
  finished_at: optional(Time),
  finished_by: optional(Label),
}

export const ShowView = object('show', 'the details of one task', { task: TaskView, ...detailFields, seq: Seq })
/**
 * The details of one task, as `show` prints them.
 *
 * @interface
 */
export type ShowView = View<typeof ShowView>

export const ExportedTask = object('exported task', 'the details of a task', { ...taskFields, ...detailFields })
/** The details of a task as one record, with the task's own fields first. */
export type ExportedTask = View<typeof ExportedTask>

/** The output of `export json`. */
export const ExportView = object('export', 'the tasks in the order they were added', {
  tasks: listCodec(ExportedTask, 'tasks'),
  seq: Seq,
})
/** The tasks with their details. */
export type ExportView = View<typeof ExportView>
