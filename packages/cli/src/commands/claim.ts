import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import type { CallOptions, ClaimOptions, LocalQueue } from '@claimlog/client/unstable-internals'
import type { ClaimResult, ClaimedTask, ClaimManyOutput, WriteResult } from '@claimlog/wire'
import {
  type LeaseArgument,
  parseLeaseArgument,
  toLeaseMs,
  parseWaitArgument,
  parseWholeNumberArgument,
} from '../input/arguments.ts'
import { refuseMissingWorker, printUnknownKinds, warnAboutUnknownKinds } from '../kind-check.ts'
import type { CliError } from '../cli-error.ts'
import { printForPrograms, executeCommand, readSettings } from '../run.ts'
import { createInterruptSignal } from '../interrupt-signal.ts'

type ClaimFlags = {
  readonly task?: string
  readonly lease?: LeaseArgument
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
    .option('--count <n>', 'Claim up to n tasks at once; returned as "tasks"', parseWholeNumberArgument)
    .option(
      '--lease <duration>',
      'How long the claim lasts unless renewed; none: it never expires (default: that of the task)',
      parseLeaseArgument,
    )
    .addOption(
      new Option('--wait [duration]', 'Wait until a task is ready, at most this long (default: no limit)').argParser(
        parseWaitArgument,
      ),
    )
    .option('--expect-seq <n>', 'Claim only if the log still ends at this seq', parseWholeNumberArgument)
    .action((worker: string, kinds: ReadonlyArray<string>, _options, command: Command) => {
      const settings = readSettings<ClaimFlags>(command)
      return printForPrograms(
        executeCommand(settings, (queue, options) => claimTasks(queue, { worker, kinds, ...settings }, options)),
      )
    })
}

type ParsedClaim = ClaimFlags & { readonly worker: string; readonly kinds: ReadonlyArray<string> }

const claimTasks = (
  queue: LocalQueue,
  claim: ParsedClaim,
  options: CallOptions,
): TE.TaskEither<CliError, ClaimCommandOutput> => {
  const { worker, kinds, task: taskId, count, expectSeq, wait, anyKind, lease } = claim
  const request = { ...options, worker, kinds, taskId, expectSeq, leaseMs: toLeaseMs(lease) }
  // If kinds or a task are named, the name of the worker is not missing.
  const mayLackWorker = taskId === undefined && (kinds.length === 0 || anyKind === true)
  const check = mayLackWorker
    ? refuseMissingWorker(queue, { worker, kinds, anyKind })
    : TE.right<CliError, void>(undefined)
  const claimCall = (waitOptions: ClaimWaitOptions): TE.TaskEither<CliError, ClaimCommandOutput> =>
    count === undefined
      ? queue.claim({ ...request, ...waitOptions })
      : pipe(queue.claimMany({ ...request, ...waitOptions, count }), TE.map(toTaskList))
  return pipe(
    check,
    TE.chainW(() =>
      wait === undefined ? claimNow(queue, kinds, claimCall({})) : waitAndClaim(queue, kinds, wait, claimCall),
    ),
  )
}

/** Several tasks in the shape of `list`, each with its claim. */
const toTaskList = ({ tasks, seq }: ClaimedBatch): ClaimedTaskList => ({
  tasks: tasks.map(({ task, claim }) => ({ ...task, claim })),
  seq,
})

type ClaimedTaskList = Omit<ClaimManyOutput, keyof WriteResult>

type ClaimCommandOutput = ClaimResult | ClaimedTaskList

type ClaimedBatch = { readonly tasks: ReadonlyArray<ClaimedTask>; readonly seq: number }

type ClaimWaitOptions = Pick<ClaimOptions, 'wait' | 'signal'>

/** Claims without waiting. Warns about unknown kinds after the claim, unless its result rules them out. */
const claimNow = (
  queue: LocalQueue,
  kinds: ReadonlyArray<string>,
  claimCall: TE.TaskEither<CliError, ClaimCommandOutput>,
): TE.TaskEither<CliError, ClaimCommandOutput> =>
  pipe(
    claimCall,
    TE.chainFirstW(() => (kinds.length < 2 ? TE.right(undefined) : warnAboutUnknownKinds(queue, kinds))),
    TE.tapError(error => TE.fromEither(E.right(reportUnknownKinds(error)))),
  )

const reportUnknownKinds = (error: CliError): void => {
  if ('error' in error && error.error === 'no_ready_task') printUnknownKinds(error.waiting.unknown ?? [])
}

/** Warns about unknown kinds, then waits for a task. */
const waitAndClaim = (
  queue: LocalQueue,
  kinds: ReadonlyArray<string>,
  wait: true | number,
  claimCall: (waitOptions: ClaimWaitOptions) => TE.TaskEither<CliError, ClaimCommandOutput>,
): TE.TaskEither<CliError, ClaimCommandOutput> =>
  pipe(
    warnAboutUnknownKinds(queue, kinds),
    TE.chainW(() => claimCall({ wait, signal: createInterruptSignal() })),
  )
