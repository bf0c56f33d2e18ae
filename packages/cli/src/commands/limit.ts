import type { Command } from 'commander'
import { wholeNumberArgument } from '../input/arguments.ts'
import { runOnKind } from '../run-order.ts'
import { finish, settingsOf } from '../run.ts'

export const limit = (program: Command): void => {
  program
    .command('limit')
    .argument('<kind>')
    .argument('<n>', 'how many tasks of the kind may be claimed at once, or none', limitArgument)
    .description('limit how many tasks of a kind are claimed at once; claims that are there stay')
    .action(async (kind: string, most: Limit, _options, command: Command) => {
      const order = { command: 'limit', kind, limit: most === 'none' ? null : most } as const
      finish('programs', true, await runOnKind(settingsOf(command), order))
    })
}

/** commander turns a null into ''. */
type Limit = number | 'none'

const limitArgument = (text: string): Limit => (text === 'none' ? text : wholeNumberArgument(text))
