import type { ListQuery, State } from '@claimlog/domain'
import { exportedTask } from '@claimlog/wire'
import { tasksOf } from './tasks-asked-for.ts'

/** The tasks as one JSON document, a task a line. */
export const taskJson = function* (state: State, query: ListQuery): Iterable<string> {
  let separator = '{"tasks":['
  for (const task of tasksOf(state, query)) {
    yield `${separator}\n${JSON.stringify(exportedTask(state, task))}`
    separator = ','
  }
  yield `${separator === ',' ? '\n' : separator}],"seq":${state.seq}}\n`
}
