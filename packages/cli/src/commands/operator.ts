import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type { CallOptions, LocalQueue } from '@claimlog/client/unstable-internals'
import type { RulesResult, TaskResult } from '@claimlog/wire'
import { parseWholeNumberArgument } from '../input/arguments.ts'
import { warnAboutUnknownKinds } from '../kind-check.ts'
import type { CliError } from '../cli-error.ts'
import { printForPrograms, executeCommand, readSettings } from '../run.ts'

/** The commands for operators of a queue, each about one task or one kind. */

type OperatorCall = (
  queue: LocalQueue,
  target: string,
  options: CallOptions & { readonly reason?: string },
) => TE.TaskEither<CliError, TaskResult | RulesResult>

/** Defines `claimlog <name> <argument> --reason TEXT`. */
const defineCommand =
  (name: string, argument: string, description: string, call: OperatorCall) =>
  (program: Command): void => {
    program
      .command(name)
      .argument(argument)
      .description(description)
      .option('--reason <text>', 'Reason, recorded in the log')
      .action((target: string, _options, command: Command) => {
        const settings = readSettings<{ readonly reason?: string }>(command)
        const { reason } = settings
        return printForPrograms(
          executeCommand(settings, (queue, options) => call(queue, target, { ...options, reason })),
        )
      })
  }

const defineTaskCommand = (name: 'hold' | 'unhold' | 'cancel' | 'retry', description: string) =>
  defineCommand(name, '<task_id>', description, (queue, taskId, options) => queue[name](taskId, options))

/** Warns about an unknown kind before the call: afterwards the kind has a rule and counts as known. */
const defineKindCommand = (name: 'pause' | 'resume', description: string) =>
  defineCommand(name, '<kind>', description, (queue, kind, options) =>
    pipe(
      warnAboutUnknownKinds(queue, [kind]),
      TE.chainW(() => queue[name](kind, options)),
    ),
  )

export const hold = defineTaskCommand('hold', 'Put a task on hold, so that it cannot be claimed')
export const unhold = defineTaskCommand('unhold', 'Remove the hold from a task')
export const cancel = defineTaskCommand('cancel', 'Cancel a task, even if it is claimed')
export const retry = defineTaskCommand(
  'retry',
  'Make a failed, cancelled or done task ready again, with no attempts counted',
)
export const pause = defineKindCommand('pause', 'Stop claims of a kind; running claims continue')
export const resume = defineKindCommand('resume', 'Allow claims of a paused kind again')

/** commander turns a null into ''. */
type LimitArgument = number | 'none'

const parseLimitArgument = (text: string): LimitArgument => (text === 'none' ? text : parseWholeNumberArgument(text))

export const limit = (program: Command): void => {
  program
    .command('limit')
    .argument('<kind>')
    .argument('<n>', 'How many tasks of the kind may be claimed at once; none: no limit', parseLimitArgument)
    .description('Limit how many tasks of a kind are claimed at once; existing claims stay')
    .action((kind: string, limitValue: LimitArgument, _options, command: Command) =>
      printForPrograms(
        executeCommand(readSettings(command), (queue, options) =>
          pipe(
            warnAboutUnknownKinds(queue, [kind]),
            TE.chainW(() => queue.limit(kind, limitValue === 'none' ? null : limitValue, options)),
          ),
        ),
      ),
    )
}
