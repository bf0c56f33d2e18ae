import type { Command } from 'commander'
import { showView } from '@claimlog/domain'
import { atOption } from '../input/arguments.ts'
import { look } from './looking.ts'
import { finish, settingsOf } from '../run.ts'

export const show = (program: Command): void => {
  program
    .command('show')
    .argument('<task_id>')
    .description('show all that is known of a task')
    .addOption(atOption())
    .action(async (taskId: string, _options, command: Command) => {
      const settings = settingsOf(command)
      const { renderShow } = await import('../render/index.ts')
      const shown = await look(
        settings,
        state => showView(state, taskId),
        (view, nowMs) => ({ json: view, text: () => renderShow(view, nowMs) }),
      )
      finish('people', settings.json === true, shown)
    })
}
