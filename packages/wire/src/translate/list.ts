import { type ListQuery, listTasks, type LogClock, type State, type TaskWithDeadNeeds } from '@claimlog/domain'
import type { ListedTask, ListView } from '../documents/list.ts'
import { claimView, taskView } from './task.ts'

/** Lists tasks with their claims, in the order they were added. */
export const listView = (state: State, query: ListQuery): ListView => ({
  tasks: listTasks(state, query).map(task => listedTask(task, state.clock)),
  seq: state.seq,
})

const listedTask = ({ task, deadNeeds }: TaskWithDeadNeeds, clock: LogClock): ListedTask => {
  const view = taskView(task, clock)
  if (task.claim !== undefined) return { ...view, claim: claimView(task.claim, clock) }
  return deadNeeds.length === 0 ? view : { ...view, deadNeeds }
}
