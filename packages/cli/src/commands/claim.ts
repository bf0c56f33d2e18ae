import type * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { type Lease, leaseArgument, leaseMsOf, wholeNumberArgument } from '../arguments.ts'
import type { CliError } from '../problem.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import { runOnTask, runOrder } from '../run-order.ts'
import type { Settings } from '../session.ts'

type Options = {
  readonly task?: string
  readonly lease?: Lease
  readonly count?: number
  readonly expectSeq?: number
}

export const claim = (program: Command): void => {
  program
    .command('claim')
    .argument('<worker>', 'who asks')
    .argument('[kind...]', 'what kinds of task to take (default: any)')
    .description('claim the next ready task; exit code 3: there is none')
    .option('--task <id>', 'claim this task and no other')
    .option('--count <n>', 'claim up to so many at once; the answer lists them as "tasks"', wholeNumberArgument)
    .option('--lease <duration>', 'how long the claim lasts unless renewed, or none', leaseArgument)
    .option('--expect-seq <n>', 'only if the log still ends at this seq', wholeNumberArgument)
    .action(async (worker: string, kinds: ReadonlyArray<string>, _options, command: Command) => {
      finish('programs', true, await claimTasks(worker, kinds, settingsOf<Options>(command)))
    })
}

const claimTasks = (
  worker: string,
  kinds: ReadonlyArray<string>,
  settings: Options & Settings,
): Promise<E.Either<CliError, Output>> => {
  const { task: taskId, count, expectSeq } = settings
  const leaseMs = leaseMsOf(settings.lease)
  const order = { command: 'claim', worker, kinds, taskId, count, expectSeq, leaseMs } as const
  if (count === undefined) return runOnTask(settings, order)
  // Several are listed as `list` lists them, each with its claim beside it.
  return runOrder(settings, order, ({ tasks, seq }) => ({
    tasks: tasks.map(({ task, claim }) => ({ ...task, claim })),
    seq,
  }))
}
