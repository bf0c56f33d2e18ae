import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type { Amendment } from '@claimlog/client/unstable-internals'
import type { CliError } from '../problem.ts'
import { answerPrograms, carryOut, settingsOf } from '../run.ts'
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
    .action((taskId: string, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return pipe(
        taskFieldsOf(withEmptyLists(settings)),
        TE.chainW(({ fields, delayMs }) => TE.fromEither(requireChange({ kind: settings.kind, ...fields, delayMs }))),
        TE.chainW(changes => carryOut(settings, (queue, options) => queue.amend(taskId, changes, options))),
        answerPrograms,
      )
    })
}

const withEmptyLists = ({ needs, tag, ...flags }: Options): TaskFlags => ({
  ...flags,
  needs: needs === false ? [] : needs,
  tag: tag === false ? [] : tag,
})

const requireChange = (changes: Amendment): E.Either<CliError, Amendment> =>
  Object.values(changes).every(value => value === undefined)
    ? E.left({
        usage: 'usage',
        detail: 'nothing is said that could be changed',
        mend: 'give what shall change, as in claimlog amend inspect-docs --priority 0; claimlog amend --help lists the flags',
      })
    : E.right(changes)
