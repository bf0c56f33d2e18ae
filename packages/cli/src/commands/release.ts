import type { Command } from 'commander'
import { tokenOption } from '../arguments.ts'
import { runOnTask } from '../run-order.ts'
import { finish, settingsOf } from '../run.ts'

type Options = { readonly token?: number; readonly reason?: string }

export const release = (program: Command): void => {
  program
    .command('release')
    .argument('<worker>', 'who claimed it')
    .argument('<task_id>')
    .description('give a claimed task back unharmed; the attempt does not count')
    .option('--reason <text>', 'why')
    .addOption(tokenOption())
    .action(async (worker: string, taskId: string, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const { token, reason } = settings
      finish('programs', true, await runOnTask(settings, { command: 'release', worker, taskId, token, reason }))
    })
}
