import { expect, test } from 'vitest'
import { assertDoneOnce } from './server-phases.ts'

test('tasks that were each reported and recorded once pass', () => {
  expect(() => assertDoneOnce('claimlog', ['1', '2'], ['2', '1'])).not.toThrow()
})

test.each([
  ['a task that two workers did', ['1', '2', '1'], ['1', '2'], '1 were done twice'],
  ['a task that is recorded twice', ['1', '2'], ['1', '2', '2'], '1 were recorded twice'],
  ['a task that the server does not know as done', ['1', '2'], ['1'], 'some are not done on the server'],
  ['a task that no worker reported', ['1'], ['1', '2'], 'some are done only on the server'],
  ['a phase without work', [], [], 'none was done'],
])('%s fails the measurement', (_, reported, recorded, problem) => {
  expect(() => assertDoneOnce('pg-boss', reported, recorded)).toThrow(problem)
})
