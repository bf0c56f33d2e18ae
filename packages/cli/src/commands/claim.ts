import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import type { CallOptions, ClaimOptions, LocalQueue } from '@claimlog/client/unstable-internals'
import type { ClaimResult, ClaimedTask, ClaimManyOutput, WriteResult } from '@claimlog/wire'
import { type Lease, leaseArgument, leaseMsOf, waitArgument, wholeNumberArgument } from '../input/arguments.ts'
import { refuseMixedNames, tellUnknownKinds, warnOfUnknownKinds } from '../kind-check.ts'
import type { CliError } from '../problem.ts'
import { answerPrograms, carryOut, settingsOf } from '../run.ts'
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
    .argument('<worker>', 'Name of the worker')
    .argument('[kind...]', 'Kinds of task to claim (default: any)')
    .description('Claim the next ready task; exit code 3 if there is none')
    .option('--any-kind', 'Claim tasks of any kind, even if the worker has the name of a kind')
    .option('--task <task_id>', 'Claim this task only')
    .option('--count <n>', 'Claim up to n tasks at once; returned as "tasks"', wholeNumberArgument)
    .option('--lease <duration>', 'How long the claim lasts unless renewed, or none', leaseArgument)
    .addOption(
      new Option('--wait [duration]', 'Wait until a task is ready, at most this long (default: no limit)').argParser(
        waitArgument,
      ),
    )
    .option('--expect-seq <n>', 'Claim only if the log still ends at this seq', wholeNumberArgument)
    .action((worker: string, kinds: ReadonlyArray<string>, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return answerPrograms(
        carryOut(settings, (queue, options) => claimTasks(queue, { worker, kinds, ...settings }, options)),
      )
    })
}

type Claim = Options & { readonly worker: string; readonly kinds: ReadonlyArray<string> }

const claimTasks = (queue: LocalQueue, claim: Claim, options: CallOptions): TE.TaskEither<CliError, HandedOut> => {
  const { worker, kinds, task: taskId, count, expectSeq, wait, anyKind, lease } = claim
  const request = { ...options, worker, kinds, taskId, expectSeq, leaseMs: leaseMsOf(lease) }
  // If kinds or a task are named, the name of the worker is not missing.
  const mayMixNames = taskId === undefined && (kinds.length === 0 || anyKind === true)
  const checked = mayMixNames
    ? refuseMixedNames(queue, { worker, kinds, anyKind })
    : TE.right<CliError, void>(undefined)
  const claimed = (waiting: Waiting): TE.TaskEither<CliError, HandedOut> =>
    count === undefined
      ? queue.claim({ ...request, ...waiting })
      : pipe(queue.claimMany({ ...request, ...waiting, count }), TE.map(listed))
  return pipe(
    checked,
    TE.chainW(() =>
      wait === undefined ? claimNow(queue, kinds, claimed({})) : claimWaiting(queue, kinds, wait, claimed),
    ),
  )
}

/** Several tasks in the shape of `list`, each with its claim. */
const listed = ({ tasks, seq }: Claimed): HandedOutTasks => ({
  tasks: tasks.map(({ task, claim }) => ({ ...task, claim })),
  seq,
})

type HandedOutTasks = Omit<ClaimManyOutput, keyof WriteResult>

type HandedOut = ClaimResult | HandedOutTasks

type Claimed = { readonly tasks: ReadonlyArray<ClaimedTask>; readonly seq: number }

type Waiting = Pick<ClaimOptions, 'wait' | 'signal'>

/** Claims without waiting. Warns about unknown kinds after the claim, unless its result rules them out. */
const claimNow = (
  queue: LocalQueue,
  kinds: ReadonlyArray<string>,
  claimed: TE.TaskEither<CliError, HandedOut>,
): TE.TaskEither<CliError, HandedOut> =>
  pipe(
    claimed,
    TE.chainFirstW(() => (kinds.length < 2 ? TE.right(undefined) : warnOfUnknownKinds(queue, kinds))),
    TE.tapError(refused => TE.fromEither(E.right(tellUnknownKindsOf(refused)))),
  )

const tellUnknownKindsOf = (refused: CliError): void => {
  if ('error' in refused && refused.error === 'no_ready_task') tellUnknownKinds(refused.waiting.unknown ?? [])
}

/** Warns about unknown kinds, then waits for a task. */
const claimWaiting = (
  queue: LocalQueue,
  kinds: ReadonlyArray<string>,
  wait: true | number,
  claimed: (waiting: Waiting) => TE.TaskEither<CliError, HandedOut>,
): TE.TaskEither<CliError, HandedOut> =>
  pipe(
    warnOfUnknownKinds(queue, kinds),
    TE.chainW(() => claimed({ wait, signal: untilInterrupted() })),
  )
