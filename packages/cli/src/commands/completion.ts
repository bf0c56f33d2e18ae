import * as E from 'fp-ts/lib/Either.js'
import { Argument, type Command } from 'commander'
import type { CompletionView } from '@claimlog/wire'
import { printOutcome, readSettings } from '../run.ts'
import { type Shell, shells } from '../completion/shells.ts'

export const completion = (program: Command): void => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'Shell to complete in').choices(shells))
    .description('Print a shell completion script for commands, flags, tasks, kinds and workers')
    .action(async (shell: Shell, _options, command: Command) => {
      const { completionScript } = await import('../completion/index.ts')
      const view: CompletionView = { shell, script: completionScript(shell) }
      return printOutcome(readSettings(command).json === true, E.right({ json: view, text: () => view.script }))
    })
}
