import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Command } from 'commander'
import type { PointInTime } from '@claimlog/client/unstable-internals'
import { type StatusOutput, type StatusView, statusView } from '@claimlog/wire'
import { atOption } from '../../input/arguments.ts'
import { look } from '../looking.ts'
import { answerPeople, failStreaming, type Output, rendered, settingsOf } from '../../run.ts'

type Options = { readonly at?: PointInTime; readonly watch?: true }

export const status = (program: Command): void => {
  program
    .command('status')
    .description('Show the number of tasks by kind and status, and the current claims')
    .addOption(atOption())
    .option('-w, --watch', 'Update it as it changes, until Ctrl-C; in a pipe, print it again after each change')
    .action(async (_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      if (settings.watch !== true)
        return pipe(
          look(settings, (state, now) => E.right(statusView(state, now)), shown),
          answerPeople(settings),
        )
      const { watchView } = await import('./watch-view.ts')
      const watched = await watchView(settings, statusView, shown)()
      if (E.isLeft(watched)) failStreaming(settings.json === true, watched.left)
    })
}

const shown = (view: StatusView, nowMs: number, dir: string): Output => {
  const printed: StatusOutput = { dir, ...view }
  return { json: printed, text: rendered(({ renderStatus }) => renderStatus(view, dir, nowMs)) }
}
