import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { createTokenOption, parseWaitArgument } from '../input/arguments.ts'
import { claimNextOption, type ClaimNextFlags, nextLeaseOption, endClaim } from './claim-next.ts'
import type { CliError } from '../cli-error.ts'
import { printForPrograms, readSettings } from '../run.ts'
import { describeDefault, type ClaimArguments, parseClaimArguments } from '../input/claim-arguments.ts'

type FailFlags = ClaimNextFlags & {
  readonly error?: string
  readonly token?: number
  readonly retryIn?: number
  readonly retry: boolean
}

export const fail = (program: Command): void => {
  program
    .command('fail')
    .argument('[worker]', describeDefault('Worker that claimed the task', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', describeDefault('Id of the task', 'CLAIMLOG_TASK_ID'))
    .description('Mark this attempt at a claimed task as failed')
    .option('--error <text>', 'What went wrong (default: no reason given)')
    .option(
      '--retry-in <duration>',
      'Delay before the next attempt (default: 5s to 10s, doubled with each attempt, at most 1h)',
      parseWaitArgument,
    )
    .option('--no-retry', 'Do not try again')
    .addOption(createTokenOption())
    .addOption(claimNextOption())
    .addOption(nextLeaseOption())
    .action((worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = readSettings<FailFlags>(command)
      return pipe(
        TE.fromEither(parseClaimArguments('fail', [worker, taskId], settings.token)),
        TE.chainW(claim => TE.fromEither(addRetry(claim, settings))),
        TE.chainW(failure => endClaim(settings, (queue, options) => queue.fail({ ...failure, ...options }))),
        printForPrograms,
      )
    })
}

const addRetry = (claim: ClaimArguments, { error = 'no reason given', retryIn, retry }: FailFlags) =>
  !retry && retryIn !== undefined
    ? E.left(retryConflict)
    : E.right({ ...claim, error, retryInMs: retry ? retryIn : null })

const retryConflict: CliError = {
  usage: 'usage',
  detail: '--retry-in and --no-retry contradict each other',
  hint: 'use one of them',
}
