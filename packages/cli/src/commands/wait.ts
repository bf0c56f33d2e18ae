import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import { type LocalQueue, shellQuote, toPrintable } from '@claimlog/client/unstable-internals'
import { parseWaitArgument } from '../input/arguments.ts'
import { warnAboutUnknownKinds } from '../kind-check.ts'
import { writeStderr } from '../output/output.ts'
import type { CliError } from '../cli-error.ts'
import { printForPrograms, openQueue, type CommandOutput, readSettings } from '../run.ts'
import { createInterruptSignal } from '../interrupt-signal.ts'
import type { WaitProgress, WaitView } from '@claimlog/wire'

type WaitFlags = { readonly empty?: true | ReadonlyArray<string>; readonly timeout?: number }

export const wait = (program: Command): void => {
  program
    .command('wait')
    .argument('[task_id...]', 'Tasks to wait for')
    .description('Wait until tasks are finished; exit code 0 if all are done, 9 if one failed, 10 if one was cancelled')
    .addOption(new Option('--empty [kind...]', 'Wait until nothing is left to do for these kinds (default: any)'))
    .addOption(
      new Option('--timeout <duration>', 'Wait at most this long, then exit with code 8').argParser(parseWaitArgument),
    )
    .action((taskIds: ReadonlyArray<string>, _options, command: Command) => {
      const settings = readSettings<WaitFlags>(command)
      return pipe(
        TE.fromEither(parseTarget(taskIds, settings)),
        TE.chainW(target => openAndWait(openQueue(settings), target, settings.timeout)),
        printForPrograms,
      )
    })
}

type WaitTarget = { readonly taskIds: ReadonlyArray<string> } | { readonly emptyKinds: ReadonlyArray<string> }

const parseTarget = (taskIds: ReadonlyArray<string>, { empty }: WaitFlags): E.Either<CliError, WaitTarget> => {
  if (empty === undefined && taskIds.length > 0) return E.right({ taskIds })
  if (empty !== undefined && taskIds.length === 0) return E.right({ emptyKinds: empty === true ? [] : empty })
  return E.left({
    usage: 'usage',
    detail: empty === undefined ? 'there is nothing to wait for' : 'tasks and --empty cannot be combined',
    hint: 'for example: claimlog wait inspect-docs, or claimlog wait --empty docs',
  })
}

type WaitControl = { readonly wait: number | undefined; readonly signal: AbortSignal }

const openAndWait = (
  opened: TE.TaskEither<CliError, LocalQueue>,
  target: WaitTarget,
  wait: number | undefined,
): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    opened,
    TE.map(queue => ({ queue, control: { wait, signal: createInterruptSignal() } })),
    TE.chainW(({ queue, control }) =>
      'taskIds' in target
        ? waitForTasks(queue, target.taskIds, control)
        : waitUntilEmpty(queue, target.emptyKinds, control),
    ),
  )

const waitForTasks = (queue: LocalQueue, taskIds: ReadonlyArray<string>, control: WaitControl) =>
  pipe(queue.waitFor(taskIds, { ...control, onProgress: warnOnce() }), TE.chainEitherKW(toOutcome))

const waitUntilEmpty = (queue: LocalQueue, kinds: ReadonlyArray<string>, control: WaitControl) =>
  pipe(
    warnAboutUnknownKinds(queue, kinds),
    TE.chainW(() => queue.waitUntilEmpty(kinds, control)),
    TE.map(({ seq }) => toWaitOutput({ ok: true, seq })),
  )

/** The outcome of the worst task. */
const toOutcome = ({ tasks, seq }: WaitProgress): E.Either<CliError, CommandOutput> => {
  for (const [status, usage] of [
    ['failed', 'task_failed'],
    ['cancelled', 'task_cancelled'],
  ] as const) {
    const first = tasks.find(task => task.status === status)
    if (first !== undefined) return E.left({ usage, taskId: first.id, tasks })
  }
  return E.right(toWaitOutput({ ok: true, tasks, seq }))
}

const toWaitOutput = (json: WaitView): CommandOutput => ({ json })

/** Warns once about each task that depends on a failed or cancelled one: the wait would never end. */
const warnOnce = (): ((progress: WaitProgress) => void) => {
  const warnedIds = new Set<string>()
  return ({ stuck }) => {
    for (const { taskId, deadNeeds } of stuck) {
      if (warnedIds.has(taskId)) continue
      warnedIds.add(taskId)
      writeStderr(
        toPrintable(
          `claimlog: warning: ${taskId} depends on ${deadNeeds.slice(0, 3).join(', ')}, which failed or was cancelled; claimlog why ${shellQuote(taskId)} shows how to clear that`,
        ) + '\n',
      )
    }
  }
}
