import type { Command } from 'commander'
import { type Lease, leaseArgument, leaseMsOf } from '../arguments.ts'
import { runOnTask } from '../one-task.ts'
import { finish, settingsOf } from '../run.ts'

type Options = { readonly task?: string; readonly lease?: Lease }

export const claim = (program: Command): void => {
  program
    .command('claim')
    .argument('<worker>', 'who asks')
    .argument('[kind...]', 'what kinds of task to take (default: any)')
    .description('claim the next ready task; exit code 3: there is none')
    .option('--task <id>', 'claim this task and no other')
    .option('--lease <duration>', 'how long the claim lasts unless renewed, or none', leaseArgument)
    .action(async (worker: string, kinds: ReadonlyArray<string>, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const { task: taskId } = settings
      const leaseMs = leaseMsOf(settings.lease)
      finish('programs', true, await runOnTask(settings, { command: 'claim', worker, kinds, taskId, leaseMs }))
    })
}
