import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { type StatusView, statusView } from '@claimlog/domain'
import type { Moment } from '@claimlog/workspace'
import { atOption } from '../../input/arguments.ts'
import { look } from '../looking.ts'
import { failStreaming, finish, type Output, settingsOf } from '../../run.ts'

type Options = { readonly at?: Moment; readonly watch?: true }

export const status = (program: Command): void => {
  program
    .command('status')
    .description('show the workspace at a glance: tasks by kind, and who holds what')
    .addOption(atOption())
    .option('-w, --watch', 'go on showing it as it changes, until Ctrl-C; in a pipe each time anew')
    .action(async (_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const asJson = settings.json === true
      const { renderStatus } = await import('../../render/index.ts')
      const shown = (view: StatusView, nowMs: number, dir: string): Output => ({
        json: { dir, ...view },
        text: () => renderStatus(view, dir, nowMs),
      })
      if (settings.watch !== true) {
        const seen = await look(settings, (state, now) => E.right(statusView(state, now)), shown)
        return finish('people', asJson, seen)
      }
      const { watchView } = await import('./watch-view.ts')
      const watched = await watchView(settings, statusView, shown)
      if (E.isLeft(watched)) failStreaming(asJson, watched.left)
    })
}
