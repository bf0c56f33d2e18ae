import { Command, Option } from 'commander'
import { defaultLockTimeoutMs } from '@claimlog/event-log-file'
import { dirArgument, durationArgument } from './arguments.ts'
import { add } from './commands/add.ts'
import { claim } from './commands/claim.ts'
import { complete } from './commands/complete.ts'
import { fail } from './commands/fail.ts'
import { hold, unhold } from './commands/hold-and-unhold.ts'
import { importFile } from './commands/import.ts'
import { init } from './commands/init.ts'
import { list } from './commands/list.ts'
import { release } from './commands/release.ts'
import { renew } from './commands/renew.ts'
import { replay } from './commands/replay.ts'
import { show } from './commands/show.ts'
import { status } from './commands/status.ts'
import { tail } from './commands/tail.ts'
import { trace } from './commands/trace.ts'
import { verify } from './commands/verify.ts'
import { examples } from './examples.ts'

/** The commands, in the order that help lists them. */
const commands: Readonly<Record<string, (program: Command) => void>> = {
  ...{ init, add, import: importFile, claim, complete, fail, renew, release, hold, unhold },
  ...{ list, show, status, trace, replay, verify, tail },
}

/**
 * The command line for `words`: every command with its flags. Parsing throws commander's errors, after `failing` was told
 * the command at fault; nothing is printed by it but help.
 */
export const claimlogProgram = (
  version: string,
  words: ReadonlyArray<string>,
  failing: (command: string) => void,
): Command => {
  const program = new Command('claimlog')
    .description('Many workers, one queue, no task handed out twice.')
    .version(version, '-V, --version', 'print the version')
    .addOption(
      new Option('--dir <dir>', 'the directory that holds events.jsonl').argParser(dirArgument).env('CLAIMLOG_DIR'),
    )
    .option('--json', 'print JSON also where people are meant to read')
    .addOption(new Option('--by <name>', 'who gives the order, for the log').env('CLAIMLOG_BY'))
    .addOption(
      new Option('--durability <level>', 'what ok survives: a power cut, or a crash')
        .choices(['disk', 'os'])
        .default('disk')
        .env('CLAIMLOG_DURABILITY'),
    )
    .addOption(
      new Option('--lock-timeout <duration>', 'how long to wait for other writers')
        .argParser(durationArgument)
        .default(defaultLockTimeoutMs, '10s')
        .env('CLAIMLOG_LOCK_TIMEOUT'),
    )
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .helpCommand('help [command]', 'print help for a command')
  for (const define of wanted(words)) define(program)
  for (const command of program.commands)
    command.exitOverride(error => {
      failing(command.name())
      throw error
    })
  for (const command of [program, ...program.commands])
    command.addHelpText('before', `${examples[command.name()] ?? ''}\n`).configureHelp({
      showGlobalOptions: command !== program,
      subcommandTerm: subcommand => `${subcommand.name()} ${subcommand.usage().replace('[options]', '').trim()}`.trim(),
    })
  return program
}

/** The one command that is asked for, where that is plain to see; defining the others would take a third of the time. */
const wanted = (words: ReadonlyArray<string>): ReadonlyArray<(program: Command) => void> => {
  const [first = ''] = words
  const only = Object.hasOwn(commands, first) ? commands[first] : undefined
  return only === undefined ? Object.values(commands) : [only]
}
