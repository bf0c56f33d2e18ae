import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type { Amendment } from '@claimlog/client/unstable-internals'
import type { CliError } from '../cli-error.ts'
import { printForPrograms, executeCommand, readSettings } from '../run.ts'
import { parseTaskFlags, type TaskFlags, addTaskFlags } from '../input/task-flags.ts'

/** A list is `false` if its `--no-…` flag empties it. */
type AmendFlags = Omit<TaskFlags, 'needs' | 'tag'> & {
  readonly kind?: string
  readonly needs?: ReadonlyArray<string> | false
  readonly tag?: ReadonlyArray<string> | false
}

export const amend = (program: Command): void => {
  const amendCommand = program
    .command('amend')
    .argument('<task_id>')
    .description('Change a task; each flag replaces the current value')
    .option('--kind <kind>', 'Kind of the task')
  addTaskFlags(amendCommand, true)
    .option('--no-needs', 'Remove all dependencies')
    .option('--no-tag', 'Remove all tags')
    .action((taskId: string, _options, command: Command) => {
      const settings = readSettings<AmendFlags>(command)
      return pipe(
        parseTaskFlags(applyEmptyLists(settings)),
        TE.chainW(({ fields, delayMs }) => TE.fromEither(requireChange({ kind: settings.kind, ...fields, delayMs }))),
        TE.chainW(changes => executeCommand(settings, (queue, options) => queue.amend(taskId, changes, options))),
        printForPrograms,
      )
    })
}

const applyEmptyLists = ({ needs, tag, ...flags }: AmendFlags): TaskFlags => ({
  ...flags,
  needs: needs === false ? [] : needs,
  tag: tag === false ? [] : tag,
})

const requireChange = (changes: Amendment): E.Either<CliError, Amendment> =>
  Object.values(changes).every(value => value === undefined)
    ? E.left({
        usage: 'usage',
        detail: 'there is nothing to change',
        hint: 'set a field, as in claimlog amend inspect-docs --priority 0; claimlog amend --help lists the flags',
      })
    : E.right(changes)
