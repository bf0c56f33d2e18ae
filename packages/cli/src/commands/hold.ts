import type { Command } from 'commander'
import { runOnTask } from '../one-task.ts'
import { finish, settingsOf } from '../run.ts'

type Options = { readonly reason?: string }

export const hold = (program: Command): void => {
  program
    .command('hold')
    .argument('<task_id>')
    .description('put a task aside: nobody can claim it')
    .option('--reason <text>', 'why')
    .action(async (taskId: string, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      finish('programs', true, await runOnTask(settings, { command: 'hold', taskId, reason: settings.reason }))
    })
}

export const unhold = (program: Command): void => {
  program
    .command('unhold')
    .argument('<task_id>')
    .description('put a task back that was put aside')
    .option('--reason <text>', 'why')
    .action(async (taskId: string, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      finish('programs', true, await runOnTask(settings, { command: 'unhold', taskId, reason: settings.reason }))
    })
}
