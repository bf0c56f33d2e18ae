import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import type { CliError } from '../problem.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import { type Topic, topics } from '../help/topics.ts'

export const help = (program: Command): void => {
  program
    .command('help')
    .argument('[topic]', `a command, or one of ${Object.keys(topics).join(', ')}`)
    .description('tell of a command or a topic; with --json, all that is defined')
    .action(async (topic: string | undefined, _options, command: Command) => {
      const isJson = settingsOf(command).json === true
      const told = await tell(program, topic)
      if (E.isRight(told) && !isJson && told.right.text === undefined) commandNamed(program, topic)?.outputHelp()
      else await finish(isJson, told)
    })
}

/** What is told; of a command, and of the program, commander has the text. */
const tell = async (program: Command, topic: string | undefined): Promise<E.Either<CliError, Output>> => {
  const { commandView, referenceView, sectionsText, tellOf } = await import('../help/index.ts')
  if (topic === undefined) return E.right({ json: referenceView(program) })
  if (isTopic(topic)) {
    const { json, sections } = tellOf(topic, program)
    return E.right({ json, text: () => sectionsText(sections) })
  }
  const command = commandNamed(program, topic)
  if (command !== undefined) return E.right({ json: commandView(command) })
  const detail = `there is no command and no topic ${topic}`
  return E.left({ usage: 'usage', detail, mend: 'claimlog help lists both' })
}

const isTopic = (name: string): name is Topic => Object.hasOwn(topics, name)

const commandNamed = (program: Command, name: string | undefined): Command | undefined =>
  name === undefined ? program : program.commands.find(each => each.name() === name)
