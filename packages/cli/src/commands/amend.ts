import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { runOnTask } from '../run-order.ts'
import type { CliError } from '../problem.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import type { Settings } from '../session.ts'
import { taskFieldsOf, type TaskFlags, withTaskFlags } from '../input/task-flags.ts'

/** A list is `false` where its `--no-…` was given: it shall be empty. */
type Options = Omit<TaskFlags, 'needs' | 'tag'> & {
  readonly kind?: string
  readonly needs?: ReadonlyArray<string> | false
  readonly tag?: ReadonlyArray<string> | false
}

export const amend = (program: Command): void => {
  const described = program
    .command('amend')
    .argument('<task_id>')
    .description('say something else of a task: each flag takes the place of what was said')
    .option('--kind <kind>', 'what it is routed by')
  withTaskFlags(described)
    .option('--no-needs', 'it waits for no other task')
    .option('--no-tag', 'it has no labels')
    .action(async (taskId: string, _options, command: Command) => {
      finish('programs', true, await amendTask(taskId, settingsOf<Options>(command)))
    })
}

const amendTask = async (taskId: string, settings: Options & Settings): Promise<E.Either<CliError, Output>> => {
  const { kind, needs, tag } = settings
  const said = await taskFieldsOf({ ...settings, needs: needs === false ? [] : needs, tag: tag === false ? [] : tag })
  if (E.isLeft(said)) return said
  const { fields, delayMs } = said.right
  if ([kind, delayMs, ...Object.values(fields)].every(value => value === undefined))
    return E.left({
      usage: 'usage',
      detail: 'nothing is said that could be changed',
      mend: 'give what shall change, as in claimlog amend inspect-docs --priority 0; claimlog amend --help lists the flags',
    })
  return runOnTask(settings, { command: 'amend', taskId, kind, ...fields, delayMs })
}
