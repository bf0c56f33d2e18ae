import { CommanderError } from 'commander'
import { examples } from './help/examples.ts'
import type { CliError } from './problem.ts'
import { claimlogProgram, isForPeople } from './program.ts'
import { fail, failInHook, failInLine } from './run.ts'
import { asking, suggest } from './help/suggest.ts'
import { forgetEmptySettings, runToTheEnd } from './run-to-the-end.ts'

declare const CLAIMLOG_VERSION: string

const main = async (): Promise<void> => {
  const words = process.argv.slice(2)
  if (words[0] === asking) return suggest(() => claimlogProgram(CLAIMLOG_VERSION, [], () => undefined), words.slice(1))
  let failing: string | undefined
  const program = claimlogProgram(CLAIMLOG_VERSION, words, name => {
    failing = name
  })
  try {
    if (words.length === 0) program.outputHelp()
    else await program.parseAsync()
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.exitCode === 0) return
    const problem = usageProblem(thrown, failing)
    if (words[0] === 'prime' && words.includes('--hook')) return failInHook(problem)
    if ((failing === 'tail' || failing === 'work') && words.includes('--json')) return failInLine(problem)
    fail(failing === undefined || !isForPeople(failing) || words.includes('--json'), problem)
  }
}

const usageProblem = ({ message }: CommanderError, name: string | undefined): CliError => {
  const detail =
    message === '(outputHelp)'
      ? 'no command is given'
      : message
          .replace(/^error: /, '')
          .replace(/^command-argument value '(.*)' is invalid for argument '(.*?)'\./s, "invalid <$2> '$1'.")
          .replace(/\s+/g, space => (space.includes('\n') ? ' ' : space))
  const example = (examples[name ?? 'claimlog'] ?? '').split('\n')[0]?.trim() ?? ''
  const help = name === undefined ? 'claimlog --help' : `claimlog ${name} --help`
  return { usage: 'usage', detail, mend: `for example: ${example}; see ${help}` }
}

forgetEmptySettings()
runToTheEnd(main())
