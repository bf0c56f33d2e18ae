import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { createTokenOption } from '../input/arguments.ts'
import { printForPrograms, executeCommand, readSettings } from '../run.ts'
import { describeDefault, parseClaimArguments } from '../input/claim-arguments.ts'

type ReleaseFlags = { readonly token?: number; readonly reason?: string }

export const release = (program: Command): void => {
  program
    .command('release')
    .argument('[worker]', describeDefault('Worker that claimed the task', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', describeDefault('Id of the task', 'CLAIMLOG_TASK_ID'))
    .description('Release a claimed task; the attempt does not count')
    .option('--reason <text>', 'Reason, recorded in the log')
    .addOption(createTokenOption())
    .action((worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = readSettings<ReleaseFlags>(command)
      const { reason } = settings
      return pipe(
        TE.fromEither(parseClaimArguments('release', [worker, taskId], settings.token)),
        TE.chainW(claim =>
          executeCommand(settings, (queue, options) => queue.release({ ...claim, reason, ...options })),
        ),
        printForPrograms,
      )
    })
}
