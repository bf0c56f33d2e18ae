import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { tokenOption } from '../input/arguments.ts'
import { runOnTask } from '../run-order.ts'
import { finish, settingsOf } from '../run.ts'
import { ownTask, speakerOf } from '../output/speaker.ts'

type Options = { readonly token?: number; readonly reason?: string }

export const release = (program: Command): void => {
  program
    .command('release')
    .argument('[worker]', ownTask('who claimed it', 'CLAIMLOG_WORKER'))
    .argument('[task_id]', ownTask('the task', 'CLAIMLOG_TASK_ID'))
    .description('give a claimed task back unharmed; the attempt does not count')
    .option('--reason <text>', 'why')
    .addOption(tokenOption())
    .action(async (worker: string | undefined, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const speaker = speakerOf('release', [worker, taskId], settings.token)
      if (E.isLeft(speaker)) return finish('programs', true, speaker)
      const { reason } = settings
      finish('programs', true, await runOnTask(settings, { command: 'release', ...speaker.right, reason }))
    })
}
