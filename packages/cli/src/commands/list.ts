import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Command, Option } from 'commander'
import type { Status } from '@claimlog/client/unstable-internals'
import { listView } from '@claimlog/wire'
import { createAtOption } from '../input/arguments.ts'
import { warnAboutUnknownKind } from '../kind-check.ts'
import { warnIfMoved } from '../moved-log.ts'
import { runQuery } from './run-query.ts'
import { printForPeople, renderLazily, readSettings } from '../run.ts'

type ListFlags = { readonly kind?: string; readonly status?: Status }

const statuses: ReadonlyArray<Status> = ['blocked', 'ready', 'done', 'failed', 'cancelled']

/** The flag that selects tasks by status. */
export const statusOption = (what: string): Option => new Option('--status <status>', what).choices(statuses)

export const list = (program: Command): void => {
  program
    .command('list')
    .description('List tasks in the order in which they were added, with their claims')
    .option('--kind <kind>', 'Only tasks of this kind')
    .addOption(statusOption('Only tasks with this status'))
    .addOption(createAtOption())
    .action((_options, command: Command) => {
      const settings = readSettings<ListFlags>(command)
      const { kind, status } = settings
      return pipe(
        runQuery(
          settings,
          state => {
            warnIfMoved(state)
            warnAboutUnknownKind(state, kind)
            return E.right(listView(state, { kind, status }))
          },
          (view, nowMs) => ({
            json: view,
            text: renderLazily(({ renderList }) => renderList(view, { kind, status }, nowMs)),
          }),
        ),
        printForPeople(settings),
      )
    })
}
