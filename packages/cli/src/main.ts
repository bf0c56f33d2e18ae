import { CommanderError } from 'commander'
import { examples } from './examples.ts'
import type { CliError } from './problem.ts'
import { claimlogProgram } from './program.ts'
import { jsonDocument, print, tell } from './output.ts'
import { exitCodes, interrupted } from './exit-codes.ts'
import { fail } from './run.ts'

declare const CLAIMLOG_VERSION: string

/** Commands whose refusals people read; all others answer programs. */
const forPeople = new Set(['list', 'show', 'status', 'trace', 'replay', 'verify', 'tail'])

const main = async (): Promise<void> => {
  const words = process.argv.slice(2)
  const program = claimlogProgram(CLAIMLOG_VERSION, words)
  try {
    if (words.length === 0) program.outputHelp()
    else await program.parseAsync()
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.exitCode === 0) return
    const name = program.commands.find(command => words.includes(command.name()))?.name()
    fail(name === undefined || !forPeople.has(name) || words.includes('--json'), usageProblem(thrown, name))
  }
}

const usageProblem = ({ message }: CommanderError, name: string | undefined): CliError => {
  const detail = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
  const example = (examples[name ?? 'claimlog'] ?? '').split('\n')[0]?.trim() ?? ''
  const help = name === undefined ? 'claimlog --help' : `claimlog ${name} --help`
  return { usage: 'usage', detail, mend: `for example: ${example}; ${help} tells more` }
}

process.on('SIGINT', () => {
  // `tail -f` ends by itself; anything else is over in a moment, or stands here waiting for a lock or for stdin.
  if (process.listenerCount('SIGINT') === 1) process.exit(interrupted)
})

main().catch((defect: unknown) => {
  const message = defect instanceof Error ? defect.message : String(defect)
  const hint = 'this is a defect of claimlog; please report it with what stands on stderr'
  print(jsonDocument({ ok: false, error: 'internal', message, hint }))
  tell(`${defect instanceof Error ? (defect.stack ?? message) : message}\n`)
  process.exitCode = exitCodes.internal
})
