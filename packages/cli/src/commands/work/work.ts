import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import { countArgument, durationArgument, leaseArgument, waitArgument } from '../../input/arguments.ts'
import type { CliError } from '../../problem.ts'
import { failStreaming, settingsOf } from '../../run.ts'
import type { WorkOptions } from './work-options.ts'

export const work = (program: Command): void => {
  program
    .command('work')
    .usage('[options] <worker> [kind...] -- <command> [args...]')
    .argument('<worker>', 'who does the work')
    .argument('[kind...]', 'what kinds of task to take (default: any)')
    .description(
      'claim tasks and run a command for each: exit code 0 completes it, 75 gives it back, any other fails it; ' +
        'the command gets the task as JSON on stdin',
    )
    .addOption(new Option('-j, --slots <n>', 'how many commands to run at once').argParser(countArgument).default(1))
    .option('--once', 'one task and no more; exit code 3: there is none, 9: its attempt failed')
    .option('--any-kind', 'take tasks of any kind, also where the name of the worker is that of a kind')
    .option('--until-empty', 'until nothing is left to do')
    .option('--max-tasks <n>', 'take so many tasks and end', countArgument)
    .option('--timeout <duration>', 'stop a command after so long; its attempt has failed', durationArgument)
    .option('--lease <duration>', 'how long a claim lasts between renewals, or none', leaseArgument)
    .addOption(
      new Option('--grace <duration>', 'how long a command has between SIGTERM and SIGKILL')
        .argParser(waitArgument)
        .default(10_000, '10s'),
    )
    .option('-q, --quiet', 'do not show what the commands print')
    .option('--tag', 'put the id of its task before each line that a command prints, as on a terminal')
    .addHelpText('after', afterwards)
    .action(async (worker: string, words: ReadonlyArray<string>, _options, command: Command) => {
      const settings = settingsOf<WorkOptions>(command)
      const { runWork } = await import('./run-work.ts')
      const done = await pipe(
        TE.fromEither(commandIn(process.argv.slice(2), [worker, ...words])),
        TE.chainW(asked => runWork(settings, { worker, ...asked })),
      )()
      if (E.isRight(done)) process.exitCode = done.right
      // Where nothing can be printed, it is said all the same.
      else failStreaming(settings.json === true && !isUnprintable(done.left), done.left)
    })
}

const isUnprintable = (error: CliError): boolean => 'usage' in error && error.usage === 'file_not_written'

const afterwards = `
In the arguments {id} and {kind} stand for the task's. In the environment of the command:
  CLAIMLOG_TASK_ID, CLAIMLOG_KIND, CLAIMLOG_ATTEMPT, CLAIMLOG_WORKER, CLAIMLOG_TOKEN, CLAIMLOG_LEASE, CLAIMLOG_DIR
                             so that claimlog renew --progress …, note and add need no more words
  CLAIMLOG_RESULT            a file for the result, JSON or text
What commands print goes to stdout and stderr as they print it; what the worker says goes to stderr. With --json its events
have stdout for themselves, and what commands print goes to stderr.
Exit codes: 9 if a task that it ran failed for good, 10 if one was cancelled, 130 after Ctrl-C, 141 if nobody reads its
output any more. What cannot be started (no room in TMPDIR, too many processes) is given back and no attempt is counted;
after five tries in a row the worker ends with 1.
The first Ctrl-C or SIGTERM ends the worker when its commands have ended; the second stops them and gives their tasks back.`

/** The kinds, and the command that stands after `--`. commander reads them as one list, behind the worker. */
const commandIn = (
  typed: ReadonlyArray<string>,
  words: ReadonlyArray<string>,
): E.Either<
  CliError,
  { readonly kinds: ReadonlyArray<string>; readonly command: readonly [string, ...Array<string>] }
> => {
  const dashes = typed.indexOf('--')
  const [command, ...args] = dashes === -1 ? [] : typed.slice(dashes + 1)
  if (command === undefined)
    return E.left({
      usage: 'usage',
      detail: 'there is no command to run',
      mend: 'write it after --, as in claimlog work docs-worker docs -- ./read-docs.sh {id}; claimlog work --help tells more',
    })
  const [worker, ...kinds] = words.slice(0, words.length - args.length - 1)
  if (worker === undefined)
    return E.left({
      usage: 'usage',
      detail: "missing required argument 'worker'",
      mend: 'write who does the work before --, as in claimlog work docs-worker -- make; claimlog work --help tells more',
    })
  return E.right({ kinds, command: [command, ...args] })
}
