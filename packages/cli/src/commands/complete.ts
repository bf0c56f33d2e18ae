import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { readJsonArgument, createTokenOption } from '../input/arguments.ts'
import { claimNextOption, type ClaimNextFlags, nextLeaseOption, endClaim } from './claim-next.ts'
import { printForPrograms, readSettings } from '../run.ts'
import { describeDefault, parseClaimArguments } from '../input/claim-arguments.ts'

type CompleteFlags = ClaimNextFlags & { readonly token?: number; readonly result?: string }

export const complete = (program: Command): void => {
  program
    .command('complete')
    .argument('[worker]', describeDefault('Worker that claimed the task', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', describeDefault('Id of the task', 'CLAIMLOG_TASK_ID'))
    .description('Mark a claimed task as done')
    .addOption(createTokenOption())
    .option('--result <json>', 'Result of the task: JSON, @file, or - for stdin')
    .addOption(claimNextOption())
    .addOption(nextLeaseOption())
    .action((worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = readSettings<CompleteFlags>(command)
      return pipe(
        TE.fromEither(parseClaimArguments('complete', [worker, taskId], settings.token)),
        TE.chainW(claim => addResult(claim, settings.result)),
        TE.chainW(completion => endClaim(settings, (queue, options) => queue.complete({ ...completion, ...options }))),
        printForPrograms,
      )
    })
}

const addResult = <H extends object>(claim: H, flag: string | undefined) =>
  pipe(
    readJsonArgument('--result', flag),
    TE.map(result => ({ ...claim, result })),
  )
