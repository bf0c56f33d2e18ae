import { expect, it } from 'vitest'
import { commandsWithTheirTasks } from './wanted-tasks.ts'

it('what is known to be meant for a command is known of a command that there is', async () => {
  const { claimlogProgram } = await import('../program.ts')
  const commands = claimlogProgram('0', [], () => undefined).commands.map(command => command.name())
  expect(commandsWithTheirTasks.filter(name => !commands.includes(name))).toEqual([])
})
