import { pipe } from 'fp-ts/lib/function.js'
import type { Command } from 'commander'
import { showView } from '@claimlog/wire'
import { createAtOption } from '../input/arguments.ts'
import { runQuery } from './run-query.ts'
import { printForPeople, renderLazily, readSettings } from '../run.ts'

export const show = (program: Command): void => {
  program
    .command('show')
    .argument('<task_id>')
    .description('Show the details of a task')
    .addOption(createAtOption())
    .action((taskId: string, _options, command: Command) => {
      const settings = readSettings(command)
      return pipe(
        runQuery(
          settings,
          state => showView(state, taskId),
          (view, nowMs) => ({ json: view, text: renderLazily(({ renderShow }) => renderShow(view, nowMs)) }),
        ),
        printForPeople(settings),
      )
    })
}
