import { describe, expect, it } from 'vitest'
import {
  appendDecisions,
  withLog,
  formatLine,
  logBytes,
  logLines,
  createLogDirectory,
} from '../../testing/sample-log.ts'

const decisions = [
  ['plain'],
  ['ümläut', '日本語', '🦊 and 👩‍👩‍👧'],
  ['quote " backslash \\ newline \n tab \t nul \0'],
  ['\ud800 alone', '\u2028 separator', ',"hash":"00000000000000000000000000000000"}'],
  [''],
]

const formatJson = (seq: number, word: string, more: boolean): string =>
  JSON.stringify(more ? { seq, event: 'said', word, more: true } : { seq, event: 'said', word })

describe('the chain of hashes', () => {
  it('matches the documented format byte for byte, for any content of the events', async () => {
    const dir = createLogDirectory()
    await withLog(dir, log => appendDecisions(log, 0, decisions))
    let expected = ''
    let previous = ''
    let seq = 0
    for (const words of decisions)
      words.forEach((word, i) => {
        const { line, hash } = formatLine(previous, formatJson((seq += 1), word, i < words.length - 1))
        expected += line
        previous = hash
      })
    expect(logBytes(dir).toString()).toBe(expected)
  })

  it('continues where another log object left it', async () => {
    const dir = createLogDirectory()
    await withLog(dir, log => appendDecisions(log, 0, [['first']]))
    await withLog(dir, log => appendDecisions(log, 1, [['second']]))
    const first = formatLine('', formatJson(1, 'first', false))
    const second = formatLine(first.hash, formatJson(2, 'second', false))
    expect(logLines(dir)).toEqual([first.line.trimEnd(), second.line.trimEnd()])
  })
})

describe('a decision of several events', () => {
  it('carries "more": true on each line but its last', async () => {
    const dir = createLogDirectory()
    await withLog(dir, log => appendDecisions(log, 0, [['one'], ['a', 'b', 'c'], ['two']]))
    const mores = logLines(dir).map(line => (JSON.parse(line) as { readonly more?: boolean }).more)
    expect(mores).toEqual([undefined, true, true, undefined, undefined])
  })
})
