import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { tokenOption } from '../input/arguments.ts'
import { answerPrograms, carryOut, settingsOf } from '../run.ts'
import { ownTask, speakerOf } from '../output/speaker.ts'

type Options = { readonly token?: number; readonly reason?: string }

export const release = (program: Command): void => {
  program
    .command('release')
    .argument('[worker]', ownTask('Worker that claimed the task', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', ownTask('Id of the task', 'CLAIMLOG_TASK_ID'))
    .description('Release a claimed task; the attempt does not count')
    .option('--reason <text>', 'Why; recorded in the log')
    .addOption(tokenOption())
    .action((worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const { reason } = settings
      return pipe(
        TE.fromEither(speakerOf('release', [worker, taskId], settings.token)),
        TE.chainW(holder => carryOut(settings, (queue, options) => queue.release({ ...holder, reason, ...options }))),
        answerPrograms,
      )
    })
}
