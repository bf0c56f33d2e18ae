import { CommanderError } from 'commander'
import { examples } from './help/examples.ts'
import type { CliError } from './cli-error.ts'
import { createProgram, isForPeople } from './program.ts'
import { printError, printHookError, printErrorLine } from './run.ts'
import { completionCommand, printCompletions } from './print-completions.ts'
import { deleteEmptySettings, runMain } from './run-main.ts'

declare const CLAIMLOG_VERSION: string

const main = async (): Promise<void> => {
  const args = process.argv.slice(2)
  if (args[0] === completionCommand)
    return printCompletions(() => createProgram(CLAIMLOG_VERSION, [], () => undefined), args.slice(1))
  let failedCommand: string | undefined
  const program = createProgram(CLAIMLOG_VERSION, args, name => {
    failedCommand = name
  })
  try {
    if (args.length === 0) program.outputHelp()
    else await program.parseAsync()
  } catch (exception) {
    if (!(exception instanceof CommanderError)) throw exception
    if (exception.exitCode === 0) return
    const error = toUsageError(exception, failedCommand)
    if (args[0] === 'prime' && args.includes('--hook')) return printHookError(error)
    if ((failedCommand === 'tail' || failedCommand === 'work') && args.includes('--json')) return printErrorLine(error)
    printError(failedCommand === undefined || !isForPeople(failedCommand) || args.includes('--json'), error)
  }
}

const toUsageError = ({ message }: CommanderError, name: string | undefined): CliError => {
  const detail =
    message === '(outputHelp)'
      ? 'no command is given'
      : message
          .replace(/^error: /, '')
          .replace(/^command-argument value '(.*)' is invalid for argument '(.*?)'\./s, "invalid <$2> '$1'.")
          .replace(/\s+/g, space => (space.includes('\n') ? ' ' : space))
  const example = (examples[name ?? 'claimlog'] ?? '').split('\n')[0]?.trim() ?? ''
  const help = name === undefined ? 'claimlog --help' : `claimlog ${name} --help`
  return { usage: 'usage', detail, hint: `for example: ${example}; see ${help}` }
}

deleteEmptySettings()
runMain(main())
