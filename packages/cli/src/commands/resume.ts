import type { Command } from 'commander'
import { runOnKind } from '../one-kind.ts'
import { finish, settingsOf } from '../run.ts'

export const resume = (program: Command): void => {
  program
    .command('resume')
    .argument('<kind>')
    .description('hand out tasks of a paused kind again')
    .option('--reason <text>', 'why')
    .action(async (kind: string, _options, command: Command) => {
      const settings = settingsOf<{ readonly reason?: string }>(command)
      finish('programs', true, await runOnKind(settings, { command: 'resume', kind, reason: settings.reason }))
    })
}
