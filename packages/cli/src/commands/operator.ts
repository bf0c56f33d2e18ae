import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type { CallOptions, LocalQueue } from '@claimlog/client/unstable-internals'
import type { RulesAnswer, TaskAnswered } from '@claimlog/wire'
import { wholeNumberArgument } from '../input/arguments.ts'
import { warnOfUnknownKinds } from '../kind-check.ts'
import type { CliError } from '../problem.ts'
import { answerPrograms, carryOut, settingsOf } from '../run.ts'

/** The commands of a person who looks after a queue, about one task or about one kind. */

type Call = (
  queue: LocalQueue,
  about: string,
  options: CallOptions & { readonly reason?: string },
) => TE.TaskEither<CliError, TaskAnswered | RulesAnswer>

/** Defines `claimlog <name> <argument> --reason TEXT`. */
const withReason =
  (name: string, argument: string, description: string, call: Call) =>
  (program: Command): void => {
    program
      .command(name)
      .argument(argument)
      .description(description)
      .option('--reason <text>', 'why')
      .action((about: string, _options, command: Command) => {
        const settings = settingsOf<{ readonly reason?: string }>(command)
        const { reason } = settings
        return answerPrograms(carryOut(settings, (queue, options) => call(queue, about, { ...options, reason })))
      })
  }

const onTask = (name: 'hold' | 'unhold' | 'cancel' | 'retry', description: string) =>
  withReason(name, '<task_id>', description, (queue, taskId, options) => queue[name](taskId, options))

/** Afterwards there is a rule for the kind, and it is known. */
const onKind = (name: 'pause' | 'resume', description: string) =>
  withReason(name, '<kind>', description, (queue, kind, options) =>
    pipe(
      warnOfUnknownKinds(queue, [kind]),
      TE.chainW(() => queue[name](kind, options)),
    ),
  )

export const hold = onTask('hold', 'put a task aside: nobody can claim it')
export const unhold = onTask('unhold', 'put a task back that was put aside')
export const cancel = onTask('cancel', 'say that a task will not be done, also while a worker holds it')
export const retry = onTask('retry', 'revive a failed, cancelled or done task, its attempts counted from 0')
export const pause = onKind('pause', 'hand out no more tasks of a kind; whoever holds one goes on')
export const resume = onKind('resume', 'hand out tasks of a paused kind again')

/** commander turns a null into ''. */
type Limit = number | 'none'

const limitArgument = (text: string): Limit => (text === 'none' ? text : wholeNumberArgument(text))

export const limit = (program: Command): void => {
  program
    .command('limit')
    .argument('<kind>')
    .argument('<n>', 'how many tasks of the kind may be claimed at once, or none', limitArgument)
    .description('limit how many tasks of a kind are claimed at once; claims that are there stay')
    .action((kind: string, most: Limit, _options, command: Command) =>
      answerPrograms(
        carryOut(settingsOf(command), (queue, options) =>
          pipe(
            warnOfUnknownKinds(queue, [kind]),
            TE.chainW(() => queue.limit(kind, most === 'none' ? null : most, options)),
          ),
        ),
      ),
    )
}
