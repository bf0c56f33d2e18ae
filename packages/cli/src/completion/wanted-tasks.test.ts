import { expect, it } from 'vitest'
import { commandsWithTheirTasks } from './wanted-tasks.ts'

it('tasks to complete are defined for existing commands only', async () => {
  const { claimlogProgram } = await import('../program.ts')
  const commands = claimlogProgram('0', [], () => undefined).commands.map(command => command.name())
  expect(commandsWithTheirTasks.filter(name => !commands.includes(name))).toEqual([])
})
