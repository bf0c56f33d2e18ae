import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import {
  readJsonArgument,
  type LeaseArgument,
  parseLeaseArgument,
  toLeaseMs,
  createTokenOption,
} from '../input/arguments.ts'
import { printForPrograms, executeCommand, type Settings, readSettings } from '../run.ts'
import { describeDefault, type ClaimArguments, parseClaimArguments } from '../input/claim-arguments.ts'

type RenewFlags = { readonly token?: number; readonly lease?: LeaseArgument; readonly progress?: string }

export const renew = (program: Command): void => {
  program
    .command('renew')
    .argument('[worker]', describeDefault('Worker that claimed the task', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', describeDefault('Id of the task', 'CLAIMLOG_TASK_ID'))
    .description('Renew the lease of a claim')
    .addOption(
      new Option(
        '--lease <duration>',
        'New lease, counted from now; none: it never expires (default: that of the task)',
      )
        .argParser(parseLeaseArgument)
        .env('CLAIMLOG_LEASE'),
    )
    .option('--progress <json>', 'Progress so far: JSON, @file, or - for stdin')
    .addOption(createTokenOption())
    .action((worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = readSettings<RenewFlags>(command)
      return pipe(
        TE.fromEither(parseClaimArguments('renew', [worker, taskId], settings.token)),
        TE.chainW(claim => addProgress(claim, settings)),
        TE.chainW(renewal => executeCommand(settings, (queue, options) => queue.renew({ ...renewal, ...options }))),
        printForPrograms,
      )
    })
}

const addProgress = (claim: ClaimArguments, settings: RenewFlags & Settings) =>
  pipe(
    readJsonArgument('--progress', settings.progress),
    TE.map(progress => ({ ...claim, progress, leaseMs: toLeaseMs(settings.lease) })),
  )
