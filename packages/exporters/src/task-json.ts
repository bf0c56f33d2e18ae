import type { ListQuery, State } from '@claimlog/domain'
import { type ExportView, exportedTask } from '@claimlog/wire'
import { tasksOf } from './tasks-asked-for.ts'

/** The tasks as one JSON document, a task a line. */
export const taskJson = function* (state: State, query: ListQuery): Iterable<string> {
  let separator = '{"tasks":['
  for (const task of tasksOf(state, query)) {
    const exported: ExportView['tasks'][number] = exportedTask(state, task)
    yield `${separator}\n${JSON.stringify(exported)}`
    separator = ','
  }
  yield `${separator === ',' ? '\n' : separator}],"seq":${state.seq}}\n`
}
