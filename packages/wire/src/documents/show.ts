import type * as t from 'io-ts'
import { listOf, Text } from '@claimlog/codecs'
import { Count, Label, Seq, TaskId, Time } from '@claimlog/domain'
import { object, optional } from './object.ts'
import { Amount, ClaimView, taskFields, TaskView } from './task.ts'

/** What is known of one task besides what was said of it. */
const knownFields = {
  claim: optional(ClaimView),
  added_at: Time,
  attempts: Amount,
  max_attempts: Count,
  open_needs: optional(listOf(TaskId, 'open needs')),
  /** Those of them that failed or were cancelled: the task waits for them in vain. */
  dead_needs: optional(listOf(TaskId, 'dead needs')),
  cancel_reason: optional(Text),
  finished_at: optional(Time),
  finished_by: optional(Label),
}

export const ShowView = object('show', 'all that is known of one task', { task: TaskView, ...knownFields, seq: Seq })
/**
 * All that is known of one task, as `show` prints it.
 *
 * @interface
 */
export type ShowView = t.TypeOf<typeof ShowView>

export const ExportedTask = object('exported task', 'all that is known of a task', { ...taskFields, ...knownFields })
/** All that is known of a task, as one record: what `show` tells, the task's own fields first. */
export type ExportedTask = t.TypeOf<typeof ExportedTask>

/** What `export json` prints. */
export const ExportView = object('export', 'the tasks in the order they were added', {
  tasks: listOf(ExportedTask, 'tasks'),
  seq: Seq,
})
/** The tasks, each with all that is known of it. */
export type ExportView = t.TypeOf<typeof ExportView>
