import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { jsonArgument, tokenOption } from '../input/arguments.ts'
import { claimNextOption, type ClaimNextOptions, nextLeaseOption, runAndClaimNext } from './claim-next.ts'
import { finish, settingsOf } from '../run.ts'
import { ownTask, speakerOf } from '../output/speaker.ts'

type Options = ClaimNextOptions & { readonly token?: number; readonly result?: string }

export const complete = (program: Command): void => {
  program
    .command('complete')
    .argument('[worker]', ownTask('who claimed it', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', ownTask('the task', 'CLAIMLOG_TASK_ID'))
    .description('say that a claimed task is done')
    .addOption(tokenOption())
    .option('--result <json>', 'what came of it: JSON, @file, or - for stdin')
    .addOption(claimNextOption())
    .addOption(nextLeaseOption())
    .action(async (worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const speaker = speakerOf('complete', [worker, taskId], settings.token)
      if (E.isLeft(speaker)) return finish('programs', true, speaker)
      const result = await jsonArgument('--result', settings.result)
      if (E.isLeft(result)) return finish('programs', true, result)
      const order = { command: 'complete', ...speaker.right, result: result.right } as const
      finish('programs', true, await runAndClaimNext(settings, order))
    })
}
