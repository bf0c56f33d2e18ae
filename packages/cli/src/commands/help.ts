import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import type { CliError } from '../cli-error.ts'
import { printOutcome, type CommandOutput, readSettings } from '../run.ts'
import { type Topic, topics } from '../help/topics.ts'

export const help = (program: Command): void => {
  program
    .command('help')
    .argument('[topic]', `A command, or one of ${Object.keys(topics).join(', ')}`)
    .description('Show help for a command or topic; with --json, a machine-readable reference')
    .action(async (topic: string | undefined, _options, command: Command) => {
      const isJson = readSettings(command).json === true
      const content = await findHelp(program, topic)
      if (E.isRight(content) && !isJson && content.right.text === undefined) findCommand(program, topic)?.outputHelp()
      else await printOutcome(isJson, content)
    })
}

/** The help on a topic. For a command or the program it has no text: commander prints that. */
const findHelp = async (program: Command, topic: string | undefined): Promise<E.Either<CliError, CommandOutput>> => {
  const { toCommandView, toReferenceView, formatSections, describeTopic } = await import('../help/index.ts')
  if (topic === undefined) return E.right({ json: toReferenceView(program) })
  if (isTopic(topic)) {
    const { json, sections } = describeTopic(topic, program)
    return E.right({ json, text: () => formatSections(sections) })
  }
  const command = findCommand(program, topic)
  if (command !== undefined) return E.right({ json: toCommandView(command) })
  const detail = `there is no command or topic ${topic}`
  return E.left({ usage: 'usage', detail, hint: 'claimlog help lists both' })
}

const isTopic = (name: string): name is Topic => Object.hasOwn(topics, name)

const findCommand = (program: Command, name: string | undefined): Command | undefined =>
  name === undefined ? program : program.commands.find(each => each.name() === name)
