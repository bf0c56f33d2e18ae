import * as E from 'fp-ts/lib/Either.js'
import { type Command, Option } from 'commander'
import { jsonArgument, type Lease, leaseArgument, leaseMsOf, tokenOption } from '../input/arguments.ts'
import { runOnTask } from '../run-order.ts'
import { finish, settingsOf } from '../run.ts'
import { ownTask, speakerOf } from '../output/speaker.ts'

type Options = { readonly token?: number; readonly lease?: Lease; readonly progress?: string }

export const renew = (program: Command): void => {
  program
    .command('renew')
    .argument('[worker]', ownTask('who claimed it', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', ownTask('the task', 'CLAIMLOG_TASK_ID'))
    .description('keep a claim for longer')
    .addOption(
      new Option('--lease <duration>', 'how long from now, or none').argParser(leaseArgument).env('CLAIMLOG_LEASE'),
    )
    .option('--progress <json>', 'how far it is: JSON, @file, or - for stdin')
    .addOption(tokenOption())
    .action(async (worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const speaker = speakerOf('renew', [worker, taskId], settings.token)
      if (E.isLeft(speaker)) return finish('programs', true, speaker)
      const progress = await jsonArgument('--progress', settings.progress)
      if (E.isLeft(progress)) return finish('programs', true, progress)
      const leaseMs = leaseMsOf(settings.lease)
      const order = { command: 'renew', ...speaker.right, leaseMs, progress: progress.right } as const
      finish('programs', true, await runOnTask(settings, order))
    })
}
