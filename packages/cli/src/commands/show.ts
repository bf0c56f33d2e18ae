import { pipe } from 'fp-ts/lib/function.js'
import type { Command } from 'commander'
import { showView } from '@claimlog/wire'
import { atOption } from '../input/arguments.ts'
import { look } from './looking.ts'
import { answerPeople, rendered, settingsOf } from '../run.ts'

export const show = (program: Command): void => {
  program
    .command('show')
    .argument('<task_id>')
    .description('Show the details of a task')
    .addOption(atOption())
    .action((taskId: string, _options, command: Command) => {
      const settings = settingsOf(command)
      return pipe(
        look(
          settings,
          state => showView(state, taskId),
          (view, nowMs) => ({ json: view, text: rendered(({ renderShow }) => renderShow(view, nowMs)) }),
        ),
        answerPeople(settings),
      )
    })
}
