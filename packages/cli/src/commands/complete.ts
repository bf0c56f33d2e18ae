import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { jsonArgument, tokenOption } from '../arguments.ts'
import { claimNextOption, type ClaimNextOptions, nextLeaseOption, runAndClaimNext } from '../claim-next.ts'
import { finish, settingsOf } from '../run.ts'

type Options = ClaimNextOptions & { readonly token?: number; readonly result?: string }

export const complete = (program: Command): void => {
  program
    .command('complete')
    .argument('<worker>', 'who claimed it')
    .argument('<task_id>')
    .description('say that a claimed task is done')
    .addOption(tokenOption())
    .option('--result <json>', 'what came of it: JSON, @file, or - for stdin')
    .addOption(claimNextOption())
    .addOption(nextLeaseOption())
    .action(async (worker: string, taskId: string, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const result = await jsonArgument('--result', settings.result)
      if (E.isLeft(result)) return finish('programs', true, result)
      const { token } = settings
      const order = { command: 'complete', worker, taskId, token, result: result.right } as const
      finish('programs', true, await runAndClaimNext(settings, order))
    })
}
