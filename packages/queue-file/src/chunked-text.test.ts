import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findDifference, hasText, type TextDifference, writeText } from './chunked-text.ts'

/** Runs `body` on a file that contains `text`. */
const withFile = <A>(text: string, body: (fd: number, path: string) => A): A => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-parts-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, 'file')
  writeFileSync(path, text)
  const fd = openSync(path, 'r+')
  try {
    return body(fd, path)
  } finally {
    closeSync(fd)
  }
}

const differenceBetweenTexts = (found: string, expected: string): TextDifference | undefined =>
  withFile(found, fd => findDifference(fd, consume => consume(expected)))

describe('a file that should contain a text', () => {
  it.each([
    ['contains it', 'a\nb\n', 'a\nb\n', undefined],
    ['has another line', 'a\nx\nc\n', 'a\nb\nc\n', { line: 2, found: 'x', expected: 'b' }],
    ['ends before a line', 'a\n', 'a\nb\n', { line: 2, found: undefined, expected: 'b' }],
    ['ends within a line', 'a\nb', 'a\nbc\n', { line: 2, found: 'b', expected: 'bc' }],
    ['is empty', '', 'a\n', { line: 1, found: undefined, expected: 'a' }],
    ['continues', 'a\nb\nc', 'a\nb\n', { line: 3, found: 'c', expected: '' }],
    ['continues within a line', 'ab\n', 'a\n', { line: 1, found: 'ab', expected: 'a' }],
    ['continues with an empty line', 'a\n\n', 'a\n', { line: 2, found: '', expected: '' }],
  ])('%s', (_what, found, expected, difference) => {
    const actual = differenceBetweenTexts(found, expected)
    if (difference?.found === '' && difference.expected === '') expect(actual).toBeDefined()
    else expect(actual).toEqual(difference)
  })

  it('is equal exactly if its content is, for parts of any number and length', () => {
    const text = fc.array(fc.constantFrom('a', 'ä', '\n', 'x'.repeat(300), 'y'.repeat(300_000)), { maxLength: 6 })
    fc.assert(
      fc.property(text, text, (found, expected) => {
        const isSame = found.join('') === expected.join('')
        const isEqual = withFile(found.join(''), fd => hasText(fd, consume => expected.forEach(part => consume(part))))
        return isEqual === isSame
      }),
      { seed: 20_250_101, numRuns: 300 },
    )
  })
})

describe('a text that may be too long', () => {
  it('is written up to its limit, and not generated any further', () => {
    withFile('', (fd, path) => {
      let partCount = 0
      const endless = (consume: (part: string) => void): void => {
        for (;;) {
          partCount += 1
          consume('x'.repeat(1000))
        }
      }
      expect(writeText(fd, endless, 1_000_000)).toBe(false)
      expect(partCount).toBeLessThan(1500)
      expect(statSync(path).size).toBeLessThanOrEqual(1_000_000)
    })
  })

  it.each([
    [3, true],
    [2, false],
  ])('of three bytes is written whole if %j are allowed: %j', (bytesMax, isWhole) => {
    withFile('', fd => expect(writeText(fd, consume => consume('abc'), bytesMax)).toBe(isWhole))
  })
})
