import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { statusView } from '@claimlog/domain'
import { atOption } from '../arguments.ts'
import { look } from '../looking.ts'
import { finish, settingsOf } from '../run.ts'

export const status = (program: Command): void => {
  program
    .command('status')
    .description('show the workspace at a glance: tasks by kind, and who holds what')
    .addOption(atOption())
    .action(async (_options, command: Command) => {
      const settings = settingsOf(command)
      const { renderStatus } = await import('../render/index.ts')
      const seen = await look(
        settings,
        (state, now) => E.right(statusView(state, now)),
        (view, nowMs, dir) => ({ json: { dir, ...view }, text: () => renderStatus(view, dir, nowMs) }),
      )
      finish('people', settings.json === true, seen)
    })
}
