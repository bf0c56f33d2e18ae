import type { Command } from 'commander'
import { runOnTask } from './one-task.ts'
import { finish, settingsOf } from './run.ts'

/** Defines an order that a person gives about one task: `claimlog <name> <task_id> --reason TEXT`. */
export const orderOnTask =
  (name: 'hold' | 'unhold' | 'cancel' | 'retry', description: string) =>
  (program: Command): void => {
    program
      .command(name)
      .argument('<task_id>')
      .description(description)
      .option('--reason <text>', 'why')
      .action(async (taskId: string, _options, command: Command) => {
        const settings = settingsOf<{ readonly reason?: string }>(command)
        finish('programs', true, await runOnTask(settings, { command: name, taskId, reason: settings.reason }))
      })
  }
