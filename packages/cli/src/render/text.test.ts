import { expect, test } from 'vitest'
import { shortened } from './text.ts'

test('a shortened text ends after a whole character', () => {
  const [even, odd] = ['🦊'.repeat(100), `x${'🦊'.repeat(100)}`]
  expect([shortened(even), shortened(odd)]).toEqual([`${'🦊'.repeat(60)}…`, `x${'🦊'.repeat(59)}…`])
  expect(shortened('🦊'.repeat(60))).toBe('🦊'.repeat(60))
})
