import { expect, it } from 'vitest'
import { commandsWithTaskSource } from './wanted-tasks.ts'

it('tasks to complete are defined for existing commands only', async () => {
  const { createProgram } = await import('../program.ts')
  const commands = createProgram('0', [], () => undefined).commands.map(command => command.name())
  expect(commandsWithTaskSource.filter(name => !commands.includes(name))).toEqual([])
})
