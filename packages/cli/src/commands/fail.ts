import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { tokenOption, waitArgument } from '../input/arguments.ts'
import { claimNextOption, type ClaimNextOptions, nextLeaseOption, runAndClaimNext } from './claim-next.ts'
import { finish, settingsOf } from '../run.ts'
import { ownTask, speakerOf } from '../output/speaker.ts'

type Options = ClaimNextOptions & {
  readonly error?: string
  readonly token?: number
  readonly retryIn?: number
  readonly retry: boolean
}

export const fail = (program: Command): void => {
  program
    .command('fail')
    .argument('[worker]', ownTask('who claimed it', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', ownTask('the task', 'CLAIMLOG_TASK_ID'))
    .description('say that this attempt at a claimed task failed')
    .option('--error <text>', 'what went wrong')
    .option(
      '--retry-in <duration>',
      'when the next attempt may start (default: 5s to 10s, doubled by each attempt, at most 1h)',
      waitArgument,
    )
    .option('--no-retry', 'no further attempt')
    .addOption(tokenOption())
    .addOption(claimNextOption())
    .addOption(nextLeaseOption())
    .action(async (worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const speaker = speakerOf('fail', [worker, taskId], settings.token)
      if (E.isLeft(speaker)) return finish('programs', true, speaker)
      const { error = 'no reason given', retryIn, retry } = settings
      if (!retry && retryIn !== undefined) {
        const detail = '--retry-in and --no-retry say the opposite'
        return finish('programs', true, E.left({ usage: 'usage', detail, mend: 'give one of them' }))
      }
      const retryInMs = retry ? retryIn : null
      const order = { command: 'fail', ...speaker.right, error, retryInMs } as const
      finish('programs', true, await runAndClaimNext(settings, order))
    })
}
