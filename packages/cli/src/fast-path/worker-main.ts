import { deleteEmptySettings, runMain } from '../run-main.ts'
import { Command, NeedsCommander, type Option } from './argv.ts'
import type { Command as CommanderCommand } from 'commander'
import { createRequestIdOption, addSettingsFlags } from '../input/arguments.ts'
import { workerCommands } from './worker-commands.ts'

/** Runs a worker's command; false, without any effect, if the command line is left to commander. */
const run = (words: ReadonlyArray<string>): boolean => {
  const [first = '', , third = ''] = words
  const name = first === '--dir' || first === '--log' ? third : first
  if (!Object.hasOwn(workerCommands, name)) return false
  try {
    runMain(createProgram(name as keyof typeof workerCommands).run(words))
    return true
  } catch (thrown) {
    if (thrown instanceof NeedsCommander) return false
    throw thrown
  }
}

const createProgram = (name: keyof typeof workerCommands): Command => {
  const program = new Command()
  // The definitions are written for commander; the build replaces it with argv.ts.
  const asCommander = program as unknown as CommanderCommand
  addSettingsFlags(asCommander)
  workerCommands[name](asCommander)
  for (const command of program.commands) command.addOption(createRequestIdOption() as unknown as Option)
  return program
}

deleteEmptySettings()

/** True if this bundle runs the command. */
export const runs = run(process.argv.slice(2))
