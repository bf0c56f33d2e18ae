import type { ListQuery, State } from '@claimlog/domain'
import { type ExportView, exportedTask } from '@claimlog/wire'
import { tasksOf } from './tasks-asked-for.ts'

/** Exports tasks as one JSON document, with one task per line. */
export const taskJson = function* (state: State, query: ListQuery): Iterable<string> {
  let separator = '{"tasks":['
  for (const task of tasksOf(state, query)) {
    const exported: ExportView['tasks'][number] = exportedTask(state, task)
    yield `${separator}\n${JSON.stringify(exported)}`
    separator = ','
  }
  yield `${separator === ',' ? '\n' : separator}],"seq":${state.seq}}\n`
}
