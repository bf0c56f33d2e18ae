import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import {
  parseCountArgument,
  parseDurationArgument,
  parseLeaseArgument,
  parseWaitArgument,
} from '../../input/arguments.ts'
import type { CliError } from '../../cli-error.ts'
import { printStreamError, readSettings } from '../../run.ts'
import type { WorkFlags } from './work-options.ts'

export const work = (program: Command): void => {
  program
    .command('work')
    .usage('[options] <worker> [kind...] -- <command> [args...]')
    .argument('<worker>', 'Name of the worker')
    .argument('[kind...]', 'Kinds of task to claim (default: any)')
    .description(
      'Claim tasks and run a command for each: exit code 0 completes the task, 75 releases it, any other fails it; ' +
        'the command gets the task as JSON on stdin',
    )
    .addOption(new Option('-j, --slots <n>', 'Run up to n commands at once').argParser(parseCountArgument).default(1))
    .option('--once', 'Run one task and exit; exit code 3 if there is none, 9 if its attempt failed')
    .option('--any-kind', 'Claim tasks of any kind, even if the worker has the name of a kind')
    .option('--until-empty', 'Exit when nothing is left to do')
    .option('--max-tasks <n>', 'Exit after n tasks', parseCountArgument)
    .option('--timeout <duration>', 'Stop a command after this long and fail its attempt', parseDurationArgument)
    .option(
      '--lease <duration>',
      'How long a claim lasts between renewals; none: it never expires (default: that of the task)',
      parseLeaseArgument,
    )
    .addOption(
      new Option('--grace <duration>', 'Time between SIGTERM and SIGKILL when a command is stopped')
        .argParser(parseWaitArgument)
        .default(10_000, '10s'),
    )
    .option('-q, --quiet', 'Hide the output of commands')
    .option('--tag', 'Prefix each line of output with the id of its task, as on a terminal')
    .action(async (worker: string, operands: ReadonlyArray<string>, _options, command: Command) => {
      const settings = readSettings<WorkFlags>(command)
      const { runWork } = await import('./run-work.ts')
      const result = await pipe(
        TE.fromEither(parseCommand(process.argv.slice(2), [worker, ...operands])),
        TE.chainW(commandLine => runWork(settings, { worker, ...commandLine })),
      )()
      if (E.isRight(result)) process.exitCode = result.right
      // If stdout cannot be written, the error goes to stderr as text.
      else printStreamError(settings.json === true && !isWriteError(result.left), result.left)
    })
}

const isWriteError = (error: CliError): boolean => 'usage' in error && error.usage === 'file_not_written'

/** Splits the kinds from the command after `--`. commander reads both as one list, after the worker. */
const parseCommand = (
  argv: ReadonlyArray<string>,
  operands: ReadonlyArray<string>,
): E.Either<
  CliError,
  { readonly kinds: ReadonlyArray<string>; readonly command: readonly [string, ...Array<string>] }
> => {
  const separatorIndex = argv.indexOf('--')
  const [command, ...args] = separatorIndex === -1 ? [] : argv.slice(separatorIndex + 1)
  if (command === undefined)
    return E.left({
      usage: 'usage',
      detail: 'there is no command to run',
      hint: 'write it after --, as in claimlog work docs-worker docs -- ./read-docs.sh {id}; see claimlog work --help',
    })
  const [worker, ...kinds] = operands.slice(0, operands.length - args.length - 1)
  if (worker === undefined)
    return E.left({
      usage: 'usage',
      detail: "missing required argument 'worker'",
      hint: 'name the worker before --, as in claimlog work docs-worker -- make; see claimlog work --help',
    })
  return E.right({ kinds, command: [command, ...args] })
}
