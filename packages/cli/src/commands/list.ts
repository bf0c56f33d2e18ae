import * as E from 'fp-ts/lib/Either.js'
import { type Command, Option } from 'commander'
import type { Status } from '@claimlog/domain'
import { finish, settingsOf } from '../run.ts'
import { inWorkspace } from '../session.ts'

type Options = { readonly kind?: string; readonly status?: Status }

const statuses: ReadonlyArray<Status> = ['blocked', 'ready', 'done', 'failed', 'cancelled']

export const list = (program: Command): void => {
  program
    .command('list')
    .description('show the tasks in the order they were added, with who holds them')
    .option('--kind <kind>', 'only tasks of this kind')
    .addOption(new Option('--status <status>', 'only tasks of this status').choices(statuses))
    .action(async (_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const { kind, status } = settings
      const { renderList } = await import('../render/index.ts')
      const outcome = await inWorkspace(settings, async ({ workspace }) => {
        const listed = await workspace.list({ kind, status })()
        if (E.isLeft(listed)) return listed
        return E.right({ json: listed.right, text: () => renderList(listed.right, { kind, status }, Date.now()) })
      })
      finish('people', settings.json === true, outcome)
    })
}
