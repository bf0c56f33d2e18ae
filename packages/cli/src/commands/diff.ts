import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import type { Moment } from '@claimlog/workspace'
import { momentArgument } from '../input/arguments.ts'
import { finish, settingsOf } from '../run.ts'
import { inWorkspace } from '../session.ts'

export const diff = (program: Command): void => {
  program
    .command('diff')
    .argument('<from>', 'a seq, or a time as in 2026-01-31T09:00Z', momentArgument)
    .argument('[to]', 'a later one (default: now)', momentArgument)
    .description('show what changed between two moments: tasks, claims, and the rules of kinds')
    .action(async (from: Moment, to: Moment | undefined, _options, command: Command) => {
      const settings = settingsOf(command)
      const { renderDiff } = await import('../render/index.ts')
      const outcome = await inWorkspace(settings, async ({ workspace }) => {
        const seen = await workspace.diff(from, to)()
        return E.isLeft(seen) ? seen : E.right({ json: seen.right, text: () => renderDiff(seen.right) })
      })
      finish('people', settings.json === true, outcome)
    })
}
