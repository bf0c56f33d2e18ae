import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import { jsonArgument, type Lease, leaseArgument, leaseMsOf, tokenOption } from '../input/arguments.ts'
import { answerPrograms, carryOut, type Settings, settingsOf } from '../run.ts'
import { ownTask, type Speaker, speakerOf } from '../output/speaker.ts'

type Options = { readonly token?: number; readonly lease?: Lease; readonly progress?: string }

export const renew = (program: Command): void => {
  program
    .command('renew')
    .argument('[worker]', ownTask('Worker that claimed the task', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', ownTask('Id of the task', 'CLAIMLOG_TASK_ID'))
    .description('Renew the lease of a claim')
    .addOption(
      new Option('--lease <duration>', 'New lease, counted from now, or none')
        .argParser(leaseArgument)
        .env('CLAIMLOG_LEASE'),
    )
    .option('--progress <json>', 'Progress so far: JSON, @file, or - for stdin')
    .addOption(tokenOption())
    .action((worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return pipe(
        TE.fromEither(speakerOf('renew', [worker, taskId], settings.token)),
        TE.chainW(holder => withProgress(holder, settings)),
        TE.chainW(renewed => carryOut(settings, (queue, options) => queue.renew({ ...renewed, ...options }))),
        answerPrograms,
      )
    })
}

const withProgress = (holder: Speaker, settings: Options & Settings) =>
  pipe(
    jsonArgument('--progress', settings.progress),
    TE.map(progress => ({ ...holder, progress, leaseMs: leaseMsOf(settings.lease) })),
  )
