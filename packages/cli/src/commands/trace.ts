import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { printForPeople, openQueue, queryAndRefresh, renderLazily, readSettings } from '../run.ts'

export const trace = (program: Command): void => {
  program
    .command('trace')
    .argument('<task_id>')
    .description("Show a task's history step by step: who, when, for how long")
    .action((taskId: string, _options, command: Command) => {
      const settings = readSettings(command)
      return pipe(
        openQueue(settings),
        TE.chainW(queue => queryAndRefresh(queue, queue.trace(taskId))),
        TE.map(history => ({ json: history, text: renderLazily(({ renderTrace }) => renderTrace(history)) })),
        printForPeople(settings),
      )
    })
}
