import type { Command } from 'commander'
import { runOnKind } from '../one-kind.ts'
import { finish, settingsOf } from '../run.ts'

export const pause = (program: Command): void => {
  program
    .command('pause')
    .argument('<kind>')
    .description('hand out no more tasks of a kind; whoever holds one goes on')
    .option('--reason <text>', 'why')
    .action(async (kind: string, _options, command: Command) => {
      const settings = settingsOf<{ readonly reason?: string }>(command)
      finish('programs', true, await runOnKind(settings, { command: 'pause', kind, reason: settings.reason }))
    })
}
