import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import { type LocalQueue, toPrintable } from '@claimlog/client/unstable-internals'
import { waitArgument } from '../input/arguments.ts'
import { warnOfUnknownKinds } from '../kind-check.ts'
import { tell } from '../output/output.ts'
import type { CliError } from '../problem.ts'
import { answerPrograms, openQueue, type Output, settingsOf } from '../run.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import type { WaitProgress, WaitView } from '@claimlog/wire'

type Options = { readonly empty?: true | ReadonlyArray<string>; readonly timeout?: number }

export const wait = (program: Command): void => {
  program
    .command('wait')
    .argument('[task_id...]', 'Tasks to wait for')
    .description('Wait until tasks are finished; exit code 0 if all are done, 9 if one failed, 10 if one was cancelled')
    .addOption(new Option('--empty [kind...]', 'Wait until nothing is left to do for these kinds (default: any)'))
    .addOption(new Option('--timeout <duration>', 'Wait at most this long; exit code 8').argParser(waitArgument))
    .action((taskIds: ReadonlyArray<string>, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return pipe(
        TE.fromEither(parseAwaited(taskIds, settings)),
        TE.chainW(awaited => openAndWait(openQueue(settings), awaited, settings.timeout)),
        answerPrograms,
      )
    })
}

type Awaited = { readonly taskIds: ReadonlyArray<string> } | { readonly emptyOf: ReadonlyArray<string> }

const parseAwaited = (taskIds: ReadonlyArray<string>, { empty }: Options): E.Either<CliError, Awaited> => {
  if (empty === undefined && taskIds.length > 0) return E.right({ taskIds })
  if (empty !== undefined && taskIds.length === 0) return E.right({ emptyOf: empty === true ? [] : empty })
  return E.left({
    usage: 'usage',
    detail: empty === undefined ? 'there is nothing to wait for' : 'tasks and --empty cannot be combined',
    mend: 'for example: claimlog wait inspect-docs, or claimlog wait --empty docs',
  })
}

type Waiting = { readonly wait: number | undefined; readonly signal: AbortSignal }

const openAndWait = (
  opened: TE.TaskEither<CliError, LocalQueue>,
  awaited: Awaited,
  wait: number | undefined,
): TE.TaskEither<CliError, Output> =>
  pipe(
    opened,
    TE.map(queue => ({ queue, waiting: { wait, signal: untilInterrupted() } })),
    TE.chainW(({ queue, waiting }) =>
      'taskIds' in awaited
        ? waitForTasks(queue, awaited.taskIds, waiting)
        : waitUntilEmpty(queue, awaited.emptyOf, waiting),
    ),
  )

const waitForTasks = (queue: LocalQueue, taskIds: ReadonlyArray<string>, waiting: Waiting) =>
  pipe(queue.waitFor(taskIds, { ...waiting, onLook: tellOfStuck() }), TE.chainEitherKW(outcomeOf))

const waitUntilEmpty = (queue: LocalQueue, kinds: ReadonlyArray<string>, waiting: Waiting) =>
  pipe(
    warnOfUnknownKinds(queue, kinds),
    TE.chainW(() => queue.waitUntilEmpty(kinds, waiting)),
    TE.map(({ seq }) => waitedOutput({ ok: true, seq })),
  )

/** The outcome of the worst task. */
const outcomeOf = ({ tasks, seq }: WaitProgress): E.Either<CliError, Output> => {
  for (const [status, usage] of [
    ['failed', 'task_failed'],
    ['cancelled', 'task_cancelled'],
  ] as const) {
    const first = tasks.find(task => task.status === status)
    if (first !== undefined) return E.left({ usage, taskId: first.id, tasks })
  }
  return E.right(waitedOutput({ ok: true, tasks, seq }))
}

const waitedOutput = (json: WaitView): Output => ({ json })

/** Warns once about each task that depends on a failed or cancelled one: the wait would never end. */
const tellOfStuck = (): ((awaited: WaitProgress) => void) => {
  const told = new Set<string>()
  return ({ stuck }) => {
    for (const { taskId, deadNeeds } of stuck) {
      if (told.has(taskId)) continue
      told.add(taskId)
      tell(
        toPrintable(
          `claimlog: ${taskId} depends on ${deadNeeds.slice(0, 3).join(', ')}, which failed or was cancelled`,
        ) + '\n',
      )
    }
  }
}
