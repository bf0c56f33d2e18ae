import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { tokenOption, waitArgument } from '../input/arguments.ts'
import { claimNextOption, type ClaimNextOptions, nextLeaseOption, settle } from './claim-next.ts'
import type { CliError } from '../problem.ts'
import { answerPrograms, settingsOf } from '../run.ts'
import { ownTask, type Speaker, speakerOf } from '../output/speaker.ts'

type Options = ClaimNextOptions & {
  readonly error?: string
  readonly token?: number
  readonly retryIn?: number
  readonly retry: boolean
}

export const fail = (program: Command): void => {
  program
    .command('fail')
    .argument('[worker]', ownTask('Worker that claimed the task', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', ownTask('Id of the task', 'CLAIMLOG_TASK_ID'))
    .description('Mark this attempt at a claimed task as failed')
    .option('--error <text>', 'What went wrong')
    .option(
      '--retry-in <duration>',
      'Delay before the next attempt (default: 5s to 10s, doubled with each attempt, at most 1h)',
      waitArgument,
    )
    .option('--no-retry', 'Do not try again')
    .addOption(tokenOption())
    .addOption(claimNextOption())
    .addOption(nextLeaseOption())
    .action((worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return pipe(
        TE.fromEither(speakerOf('fail', [worker, taskId], settings.token)),
        TE.chainW(holder => TE.fromEither(withRetry(holder, settings))),
        TE.chainW(failed => settle(settings, (queue, options) => queue.fail({ ...failed, ...options }))),
        answerPrograms,
      )
    })
}

const withRetry = (holder: Speaker, { error = 'no reason given', retryIn, retry }: Options) =>
  !retry && retryIn !== undefined
    ? E.left(retryAndNone)
    : E.right({ ...holder, error, retryInMs: retry ? retryIn : null })

const retryAndNone: CliError = {
  usage: 'usage',
  detail: '--retry-in and --no-retry contradict each other',
  mend: 'use one of them',
}
