import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256Js, sha256Hex } from './sha256.ts'

const expected = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('the hash of a text', () => {
  it('matches the standard, at every length around the end of a block', () => {
    for (let length = 0; length <= 260; length += 1) {
      const text = 'x'.repeat(length)
      expect([length, sha256Js(text)]).toEqual([length, expected(text)])
    }
  })

  it('is the same in JavaScript as in Node, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), text => {
        expect(sha256Js(text)).toBe(expected(text))
      }),
      { seed: 20_250_101, numRuns: 2000 },
    )
  })

  it('is the same for the first texts of a process and for later ones, short and long', () => {
    for (let i = 0; i < 40; i += 1)
      for (const text of [`line ${i}`, `line ${i}`.repeat(300)]) expect(sha256Hex(text)).toBe(expected(text))
  })
})
