import { Command } from 'commander'
import { logFormat } from '@claimlog/client/unstable-internals'
import { amend } from './commands/amend.ts'
import { completion } from './commands/completion.ts'
import { diff } from './commands/diff.ts'
import { doctor } from './commands/doctor.ts'
import { exportFormat } from './commands/export/export.ts'
import { help } from './commands/help.ts'
import { importFile } from './commands/import.ts'
import { init } from './commands/init/init.ts'
import { list } from './commands/list.ts'
import { mcp } from './commands/mcp.ts'
import { metrics } from './commands/metrics.ts'
import { migrate } from './commands/migrate.ts'
import { move } from './commands/move.ts'
import { note } from './commands/note.ts'
import { cancel, hold, limit, pause, resume, retry, unhold } from './commands/operator.ts'
import { prime } from './commands/prime.ts'
import { reconcile } from './commands/reconcile/reconcile.ts'
import { repair } from './commands/repair/repair.ts'
import { replay } from './commands/replay.ts'
import { setup } from './commands/setup.ts'
import { show } from './commands/show.ts'
import { status } from './commands/status/status.ts'
import { tail } from './commands/tail.ts'
import { trace } from './commands/trace.ts'
import { verify } from './commands/verify.ts'
import { wait } from './commands/wait.ts'
import { why } from './commands/why.ts'
import { work } from './commands/work/work.ts'
import { examples } from './help/examples.ts'
import { jsonDocument, writeStdout } from './output/output.ts'
import { findGroup } from './help/groups.ts'
import { formatNotes } from './help/notes.ts'
import { topics } from './help/topics.ts'
import { createRequestIdOption, addSettingsFlags } from './input/arguments.ts'
import { type Define, workerCommands } from './fast-path/worker-commands.ts'
import type { VersionView } from '@claimlog/wire'

const { add, claim, complete, fail, renew, release } = workerCommands

/** The commands that write, in the order in which help lists them. They always print JSON. */
const writeCommands: Readonly<Record<string, Define>> = {
  ...{ init, add, import: importFile, claim, complete, fail, renew, release },
  ...{ hold, unhold, cancel, retry, amend, note, pause, resume, limit },
}

/** The commands that wait for other workers. They always print JSON. */
const waitCommands: Readonly<Record<string, Define>> = { wait }

/** The commands for people. They print text, or JSON with `--json`. */
const viewCommands: Readonly<Record<string, Define>> = {
  ...{ work, mcp, prime, setup, list, show, status, why, trace, diff, replay, verify, doctor, repair, reconcile, tail },
  ...{ export: exportFormat, metrics, migrate, move },
}

/** The commands about claimlog itself. They print text, or JSON with `--json`, and need all other commands defined. */
const metaCommands: Readonly<Record<string, Define>> = { completion, help }

/** True if the command prints text unless `--json` is given. */
export const isForPeople = (command: string): boolean =>
  Object.hasOwn(viewCommands, command) || Object.hasOwn(metaCommands, command)

/**
 * The command line for `args`: every command with its flags. Parsing throws commander's errors, after passing the name of
 * the command at fault to `onFailure`; it prints nothing but help.
 */
export const createProgram = (
  version: string,
  args: ReadonlyArray<string>,
  onFailure: (command: string) => void,
): Command => {
  const program = addSettingsFlags(
    new Command('claimlog')
      .description('Many workers, one queue, no task handed out twice.')
      .version(args.includes('--json') ? createVersionDocument(version) : version, '-V, --version', 'Print the version')
      .helpOption('-h, --help', 'Show help'),
  )
    .exitOverride()
    .configureOutput({ writeOut: writeStdout, writeErr: () => undefined })
    .helpCommand(false)
  for (const define of selectCommands(args)) define(program)
  for (const command of program.commands)
    command.exitOverride(error => {
      onFailure(command.name())
      throw error
    })
  for (const command of program.commands)
    if (Object.hasOwn(writeCommands, command.name())) command.addOption(createRequestIdOption())
  for (const command of program.commands) command.helpGroup(`${findGroup(command.name())}:`)
  for (const command of [program, ...program.commands])
    command
      .addHelpText('before', `${examples[command.name()] ?? ''}\n`)
      .addHelpText('after', () => formatNotes(command.name()))
      .configureHelp({
        minWidthToWrap: 20,
        showGlobalOptions: command !== program,
        subcommandTerm: subcommand =>
          `${subcommand.name()} ${subcommand.usage().replace('[options]', '').trim()}`.trim(),
      })
  return program.addHelpText('after', `\nTopics, for claimlog help <topic>:\n${topicLines}`)
}

/** The answer to `--version --json`. commander ends the line. */
const createVersionDocument = (version: string): string => {
  const view: VersionView = { version, node: process.versions.node, logFormat }
  return jsonDocument(view).trimEnd()
}

const topicLines = Object.entries(topics)
  .map(([name, about]) => `  ${name.padEnd(12)}  ${about}\n`)
  .join('')

/** Only the requested command, if the first word names it: defining the others would take a third of the run time. */
const selectCommands = (args: ReadonlyArray<string>): ReadonlyArray<Define> => {
  const [first = ''] = args
  const commands = { ...writeCommands, ...waitCommands, ...viewCommands }
  const requestedCommand = Object.hasOwn(commands, first) ? commands[first] : undefined
  return requestedCommand === undefined
    ? [...Object.values(commands), ...Object.values(metaCommands)]
    : [requestedCommand]
}
