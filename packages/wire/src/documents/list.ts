import { listCodec } from '@claimlog/codecs'
import { Seq, TaskId } from '@claimlog/domain'
import { object, optional } from './object.ts'
import { ClaimView, taskFields } from './task.ts'
import type { View } from './view.ts'

export const ListedTask = object('listed task', 'a task with its claim', {
  ...taskFields,
  claim: optional(ClaimView),
  dead_needs: optional(listCodec(TaskId, 'dead needs')),
})
/**
 * A task with its claim. `dead_needs` are the dependencies that failed or were cancelled, so that the task stays
 * blocked.
 *
 * @interface
 */
export type ListedTask = View<typeof ListedTask>

export const ListView = object('list', 'the tasks in the order they were added', {
  tasks: listCodec(ListedTask, 'tasks'),
  seq: Seq,
})
/**
 * The output of `list`.
 *
 * @interface
 */
export type ListView = View<typeof ListView>
