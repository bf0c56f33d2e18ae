import { expect, test } from 'vitest'
import { ellipsize } from './text.ts'

test('a shortened text ends after a whole character', () => {
  const [even, odd] = ['🦊'.repeat(100), `x${'🦊'.repeat(100)}`]
  expect([ellipsize(even), ellipsize(odd)]).toEqual([`${'🦊'.repeat(60)}…`, `x${'🦊'.repeat(59)}…`])
  expect(ellipsize('🦊'.repeat(60))).toBe('🦊'.repeat(60))
})
