import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { jsonArgument, tokenOption } from '../input/arguments.ts'
import { claimNextOption, type ClaimNextOptions, nextLeaseOption, settle } from './claim-next.ts'
import { answerPrograms, settingsOf } from '../run.ts'
import { ownTask, speakerOf } from '../output/speaker.ts'

type Options = ClaimNextOptions & { readonly token?: number; readonly result?: string }

export const complete = (program: Command): void => {
  program
    .command('complete')
    .argument('[worker]', ownTask('Worker that claimed the task', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', ownTask('Id of the task', 'CLAIMLOG_TASK_ID'))
    .description('Mark a claimed task as done')
    .addOption(tokenOption())
    .option('--result <json>', 'Result of the task: JSON, @file, or - for stdin')
    .addOption(claimNextOption())
    .addOption(nextLeaseOption())
    .action((worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return pipe(
        TE.fromEither(speakerOf('complete', [worker, taskId], settings.token)),
        TE.chainW(holder => withResult(holder, settings.result)),
        TE.chainW(done => settle(settings, (queue, options) => queue.complete({ ...done, ...options }))),
        answerPrograms,
      )
    })
}

const withResult = <H extends object>(holder: H, flag: string | undefined) =>
  pipe(
    jsonArgument('--result', flag),
    TE.map(result => ({ ...holder, result })),
  )
