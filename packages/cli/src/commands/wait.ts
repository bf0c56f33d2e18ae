import * as E from 'fp-ts/lib/Either.js'
import { type Command, Option } from 'commander'
import { type AwaitedView, printable } from '@claimlog/domain'
import { waitForTasks, type Waiting, waitUntilEmpty } from '@claimlog/workspace'
import { waitArgument } from '../input/arguments.ts'
import { warnOfUnknownKinds } from '../kind-check.ts'
import { tell } from '../output/output.ts'
import type { CliError } from '../problem.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import { inWorkspace, type Settings } from '../session.ts'
import { untilInterrupted } from '../until-interrupted.ts'

type Options = { readonly empty?: true | ReadonlyArray<string>; readonly timeout?: number }

export const wait = (program: Command): void => {
  program
    .command('wait')
    .argument('[task_id...]', 'the tasks that shall be finished')
    .description('wait until tasks are finished; exit code 0: all are done, 9: one has failed, 10: one was cancelled')
    .addOption(new Option('--empty [kind...]', 'wait until nothing is left to do, of these kinds (default: of any)'))
    .addOption(new Option('--timeout <duration>', 'for so long at most; exit code 8').argParser(waitArgument))
    .action(async (taskIds: ReadonlyArray<string>, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      finish('programs', true, await waitAsAsked(taskIds, settings))
    })
}

const waitAsAsked = (
  taskIds: ReadonlyArray<string>,
  settings: Options & Settings,
): Promise<E.Either<CliError, Output>> => {
  const { empty, timeout } = settings
  const waiting = (): Waiting => ({ waitMs: timeout, signal: untilInterrupted() })
  if ((empty === undefined) === (taskIds.length === 0)) {
    const detail = empty === undefined ? 'there is nothing to wait for' : 'it is for tasks, or for --empty'
    const mend = 'for example: claimlog wait inspect-docs, or claimlog wait --empty docs'
    return Promise.resolve(E.left({ usage: 'usage', detail, mend }))
  }
  return inWorkspace(settings, async ({ workspace }) => {
    if (empty === undefined) {
      const awaited = await waitForTasks(workspace, taskIds, waiting(), tellOfStuck())()
      return E.isLeft(awaited) ? awaited : outcomeOf(awaited.right)
    }
    const kinds = empty === true ? [] : empty
    await warnOfUnknownKinds(workspace, kinds)
    const emptied = await waitUntilEmpty(workspace, kinds, waiting())()
    return E.isLeft(emptied) ? emptied : E.right({ json: { ok: true, seq: emptied.right.seq } })
  })
}

/** By the worst that came of them. */
const outcomeOf = ({ tasks, seq }: AwaitedView): E.Either<CliError, Output> => {
  for (const [status, usage] of [
    ['failed', 'task_failed'],
    ['cancelled', 'task_cancelled'],
  ] as const) {
    const first = tasks.find(task => task.status === status)
    if (first !== undefined) return E.left({ usage, taskId: first.id, tasks })
  }
  return E.right({ json: { ok: true, tasks, seq } })
}

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
