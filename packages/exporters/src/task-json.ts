import type { ListQuery, State } from '@claimlog/domain'
import { type ExportView, exportedTask, toDocument } from '@claimlog/wire'
import { selectTasks } from './select-tasks.ts'

/** Exports tasks as one JSON document, with one task per line. */
export const renderTaskJson = function* (state: State, query: ListQuery): Iterable<string> {
  let separator = '{"tasks":['
  for (const task of selectTasks(state, query)) {
    const exported: ExportView['tasks'][number] = exportedTask(state, task)
    yield `${separator}\n${JSON.stringify(toDocument(exported))}`
    separator = ','
  }
  yield `${separator === ',' ? '\n' : separator}],"seq":${state.seq}}\n`
}
