import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import { type LocalQueue, printable } from '@claimlog/client/unstable-internals'
import { waitArgument } from '../input/arguments.ts'
import { warnOfUnknownKinds } from '../kind-check.ts'
import { tell } from '../output/output.ts'
import type { CliError } from '../problem.ts'
import { answerPrograms, openQueue, type Output, settingsOf } from '../run.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import type { AwaitedView, WaitView } from '@claimlog/wire'

type Options = { readonly empty?: true | ReadonlyArray<string>; readonly timeout?: number }

export const wait = (program: Command): void => {
  program
    .command('wait')
    .argument('[task_id...]', 'the tasks that shall be finished')
    .description('wait until tasks are finished; exit code 0: all are done, 9: one has failed, 10: one was cancelled')
    .addOption(new Option('--empty [kind...]', 'wait until nothing is left to do, of these kinds (default: of any)'))
    .addOption(new Option('--timeout <duration>', 'for so long at most; exit code 8').argParser(waitArgument))
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
    detail: empty === undefined ? 'there is nothing to wait for' : 'it is for tasks, or for --empty',
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

/** By the worst that came of them. */
const outcomeOf = ({ tasks, seq }: AwaitedView): E.Either<CliError, Output> => {
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

/** Says once of each task that it waits in vain: whoever waits for it would do so for ever. */
const tellOfStuck = (): ((awaited: AwaitedView) => void) => {
  const told = new Set<string>()
  return ({ stuck }) => {
    for (const { taskId, deadNeeds } of stuck) {
      if (told.has(taskId)) continue
      told.add(taskId)
      tell(
        printable(
          `claimlog: ${taskId} needs ${deadNeeds.slice(0, 3).join(', ')}, which will not be done as it stands`,
        ) + '\n',
      )
    }
  }
}
