import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Command, Option } from 'commander'
import type { Status } from '@claimlog/client/unstable-internals'
import { listView } from '@claimlog/wire'
import { atOption } from '../input/arguments.ts'
import { warnOfUnknownKind } from '../kind-check.ts'
import { look } from './looking.ts'
import { answerPeople, rendered, settingsOf } from '../run.ts'

type Options = { readonly kind?: string; readonly status?: Status }

const statuses: ReadonlyArray<Status> = ['blocked', 'ready', 'done', 'failed', 'cancelled']

/** The flag that selects tasks by status. */
export const statusOption = (what: string): Option => new Option('--status <status>', what).choices(statuses)

export const list = (program: Command): void => {
  program
    .command('list')
    .description('List tasks in the order in which they were added, with their claims')
    .option('--kind <kind>', 'Only tasks of this kind')
    .addOption(statusOption('Only tasks with this status'))
    .addOption(atOption())
    .action((_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const { kind, status } = settings
      return pipe(
        look(
          settings,
          state => {
            warnOfUnknownKind(state, kind)
            return E.right(listView(state, { kind, status }))
          },
          (view, nowMs) => ({
            json: view,
            text: rendered(({ renderList }) => renderList(view, { kind, status }, nowMs)),
          }),
        ),
        answerPeople(settings),
      )
    })
}
