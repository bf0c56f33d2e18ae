import * as E from 'fp-ts/lib/Either.js'
import { type Command, Option } from 'commander'
import { type Answer, claimWhenReady, type ClaimOrder } from '@claimlog/coordinator/workspace'
import { type Lease, leaseArgument, leaseMsOf, waitArgument, wholeNumberArgument } from '../arguments.ts'
import type { CliError } from '../problem.ts'
import { finish, okDocument, type Output, settingsOf } from '../run.ts'
import { runOnTask, runOrder, toldOfOne } from '../run-order.ts'
import { inWorkspace, type Settings, stampOf } from '../session.ts'
import { untilInterrupted } from '../until-interrupted.ts'

type Options = {
  readonly task?: string
  readonly lease?: Lease
  readonly count?: number
  readonly expectSeq?: number
  readonly wait?: true | number
}

export const claim = (program: Command): void => {
  program
    .command('claim')
    .argument('<worker>', 'who asks')
    .argument('[kind...]', 'what kinds of task to take (default: any)')
    .description('claim the next ready task; exit code 3: there is none')
    .option('--task <task_id>', 'claim this task and no other')
    .option('--count <n>', 'claim up to so many at once; the answer lists them as "tasks"', wholeNumberArgument)
    .option('--lease <duration>', 'how long the claim lasts unless renewed, or none', leaseArgument)
    .addOption(
      new Option(
        '--wait [duration]',
        'wait until there is one, for so long at most (default: as long as it takes)',
      ).argParser(waitArgument),
    )
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
  if (settings.wait !== undefined) return claimWaiting(settings, order, settings.wait)
  if (count === undefined) return runOnTask(settings, order)
  return runOrder(settings, order, toldOfMany)
}

/** Several are listed as `list` lists them, each with its claim beside it. */
const toldOfMany = ({ tasks, seq }: Answer): object => ({
  tasks: tasks.map(({ task, claim }) => ({ ...task, claim })),
  seq,
})

const claimWaiting = (
  settings: Settings,
  order: ClaimOrder,
  wait: true | number,
): Promise<E.Either<CliError, Output>> =>
  inWorkspace(settings, async ({ workspace }) => {
    const waiting = { waitMs: wait === true ? undefined : wait, signal: untilInterrupted() }
    const claimed = await claimWhenReady(workspace, { ...order, ...stampOf(settings) }, waiting)()
    if (E.isLeft(claimed)) return claimed
    const told = order.count === undefined ? toldOfOne : toldOfMany
    return E.right({ json: okDocument(settings, told(claimed.right)) })
  })
