import * as E from 'fp-ts/lib/Either.js'
import { type Command, Option } from 'commander'
import { type Answer, claimWhenReady, type ClaimOrder, type Workspace } from '@claimlog/workspace'
import { type Lease, leaseArgument, leaseMsOf, waitArgument, wholeNumberArgument } from '../input/arguments.ts'
import type { CliError } from '../problem.ts'
import { refuseMixedNames, tellUnknownKinds, warnOfUnknownKinds } from '../kind-check.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import { runOrder, toldOfOne } from '../run-order.ts'
import type { Settings } from '../session.ts'
import { untilInterrupted } from '../until-interrupted.ts'

type Options = {
  readonly task?: string
  readonly lease?: Lease
  readonly count?: number
  readonly expectSeq?: number
  readonly wait?: true | number
  readonly anyKind?: true
}

export const claim = (program: Command): void => {
  program
    .command('claim')
    .argument('<worker>', 'who asks')
    .argument('[kind...]', 'what kinds of task to take (default: any)')
    .description('claim the next ready task; exit code 3: there is none')
    .option('--any-kind', 'of any kind, also where the name of the worker is that of a kind')
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
  const { task: taskId, count, expectSeq, wait, anyKind } = settings
  const leaseMs = leaseMsOf(settings.lease)
  const order = { command: 'claim', worker, kinds, taskId, count, expectSeq, leaseMs } as const
  const toldOf = count === undefined ? toldOfOne : toldOfMany
  return runOrder<ClaimOrder>(settings, order, toldOf, async (workspace, stamped) => {
    const problem = taskId === undefined ? await refuseMixedNames(workspace, { worker, kinds, anyKind }) : undefined
    if (problem !== undefined) return E.left(problem)
    return wait === undefined ? claimNow(workspace, stamped) : claimWaiting(workspace, stamped, wait)
  })
}

/** Several are listed as `list` lists them, each with its claim beside it. */
const toldOfMany = ({ tasks, seq }: Answer): object => ({
  tasks: tasks.map(({ task, claim }) => ({ ...task, claim })),
  seq,
})

type Claimed = Promise<E.Either<CliError, Answer>>

/** Warns of what is not known after the claim, and only where the claim does not say that all is. */
const claimNow = async (workspace: Workspace, order: ClaimOrder): Claimed => {
  const claimed = await workspace.run(order)()
  if (E.isRight(claimed)) {
    if (order.kinds.length > 1) await warnOfUnknownKinds(workspace, order.kinds)
  } else if ('error' in claimed.left && claimed.left.error === 'no_ready_task')
    tellUnknownKinds(claimed.left.waiting.unknown ?? [])
  return claimed
}

/** Warns before it waits. */
const claimWaiting = async (workspace: Workspace, order: ClaimOrder, wait: true | number): Claimed => {
  await warnOfUnknownKinds(workspace, order.kinds)
  const waiting = { waitMs: wait === true ? undefined : wait, signal: untilInterrupted() }
  return claimWhenReady(workspace, order, waiting)()
}
