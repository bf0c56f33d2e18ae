import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { finish, settingsOf } from '../run.ts'
import { inWorkspace } from '../session.ts'

export const status = (program: Command): void => {
  program
    .command('status')
    .description('show the workspace at a glance: tasks by kind, and who holds what')
    .action(async (_options, command: Command) => {
      const settings = settingsOf(command)
      const { renderStatus } = await import('../render/index.ts')
      const outcome = await inWorkspace(settings, async ({ workspace, dir }) => {
        const seen = await workspace.status()
        if (E.isLeft(seen)) return seen
        return E.right({ json: { dir, ...seen.right }, text: () => renderStatus(seen.right, dir, Date.now()) })
      })
      finish('people', settings.json === true, outcome)
    })
}
