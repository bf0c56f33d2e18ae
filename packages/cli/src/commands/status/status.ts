import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Command } from 'commander'
import type { PointInTime, QueuePlace } from '@claimlog/client/unstable-internals'
import { type StatusOutput, type StatusView, statusView } from '@claimlog/wire'
import { createAtOption } from '../../input/arguments.ts'
import { runQuery } from '../run-query.ts'
import { printForPeople, printStreamError, type CommandOutput, renderLazily, readSettings } from '../../run.ts'

type StatusFlags = { readonly at?: PointInTime; readonly watch?: true }

export const status = (program: Command): void => {
  program
    .command('status')
    .description('Show the number of tasks by kind and status, and the current claims')
    .addOption(createAtOption())
    .option('-w, --watch', 'Update it as it changes, until Ctrl-C; in a pipe, print it again after each change')
    .action(async (_options, command: Command) => {
      const settings = readSettings<StatusFlags>(command)
      if (settings.watch !== true)
        return pipe(
          runQuery(settings, (state, now) => E.right(statusView(state, now)), toOutput),
          printForPeople(settings),
        )
      const { watchView } = await import('./watch-view.ts')
      const result = await watchView(settings, statusView, toOutput)()
      if (E.isLeft(result)) printStreamError(settings.json === true, result.left)
    })
}

const toOutput = (view: StatusView, nowMs: number, place: QueuePlace): CommandOutput => {
  const printed: StatusOutput = place._tag === 'directory' ? { dir: place.dir, ...view } : { log: place.url, ...view }
  return { json: printed, text: renderLazily(({ renderStatus }) => renderStatus(view, place, nowMs)) }
}
