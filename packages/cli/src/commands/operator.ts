import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type { CallOptions, LocalQueue } from '@claimlog/client/unstable-internals'
import type { RulesResult, TaskResult } from '@claimlog/wire'
import { wholeNumberArgument } from '../input/arguments.ts'
import { warnOfUnknownKinds } from '../kind-check.ts'
import type { CliError } from '../problem.ts'
import { answerPrograms, carryOut, settingsOf } from '../run.ts'

/** The commands for operators of a queue, each about one task or one kind. */

type Call = (
  queue: LocalQueue,
  about: string,
  options: CallOptions & { readonly reason?: string },
) => TE.TaskEither<CliError, TaskResult | RulesResult>

/** Defines `claimlog <name> <argument> --reason TEXT`. */
const withReason =
  (name: string, argument: string, description: string, call: Call) =>
  (program: Command): void => {
    program
      .command(name)
      .argument(argument)
      .description(description)
      .option('--reason <text>', 'Why; recorded in the log')
      .action((about: string, _options, command: Command) => {
        const settings = settingsOf<{ readonly reason?: string }>(command)
        const { reason } = settings
        return answerPrograms(carryOut(settings, (queue, options) => call(queue, about, { ...options, reason })))
      })
  }

const onTask = (name: 'hold' | 'unhold' | 'cancel' | 'retry', description: string) =>
  withReason(name, '<task_id>', description, (queue, taskId, options) => queue[name](taskId, options))

/** Warns about an unknown kind before the call: afterwards the kind has a rule and counts as known. */
const onKind = (name: 'pause' | 'resume', description: string) =>
  withReason(name, '<kind>', description, (queue, kind, options) =>
    pipe(
      warnOfUnknownKinds(queue, [kind]),
      TE.chainW(() => queue[name](kind, options)),
    ),
  )

export const hold = onTask('hold', 'Put a task on hold, so that it cannot be claimed')
export const unhold = onTask('unhold', 'Remove the hold from a task')
export const cancel = onTask('cancel', 'Cancel a task, even if it is claimed')
export const retry = onTask('retry', 'Make a failed, cancelled or done task ready again, with no attempts counted')
export const pause = onKind('pause', 'Stop claims of a kind; running claims continue')
export const resume = onKind('resume', 'Allow claims of a paused kind again')

/** commander turns a null into ''. */
type Limit = number | 'none'

const limitArgument = (text: string): Limit => (text === 'none' ? text : wholeNumberArgument(text))

export const limit = (program: Command): void => {
  program
    .command('limit')
    .argument('<kind>')
    .argument('<n>', 'How many tasks of the kind may be claimed at once, or none', limitArgument)
    .description('Limit how many tasks of a kind are claimed at once; existing claims stay')
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
