import * as E from 'fp-ts/lib/Either.js'
import { Argument, type Command } from 'commander'
import { finish, settingsOf } from '../run.ts'
import { type Shell, shells } from '../completion/shells.ts'

export const completion = (program: Command): void => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'which one reads it').choices(shells))
    .description('print what has a shell complete commands, flags, and the tasks, kinds and workers there are')
    .action(async (shell: Shell, _options, command: Command) => {
      const { completionScript } = await import('../completion/index.ts')
      const script = completionScript(shell)
      return finish(settingsOf(command).json === true, E.right({ json: { shell, script }, text: () => script }))
    })
}
