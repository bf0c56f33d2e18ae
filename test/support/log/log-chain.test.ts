import { describe, expect, it } from 'vitest'
import { findChainErrors, chainHash } from './log-chain.ts'

type ChainedLine = { readonly seq: number; readonly time: string; readonly more?: true; readonly request_id?: string }

const time = (second: number): string => `2025-01-01T12:00:0${second}.000Z`

/** Adds the hash of the chain to each line. */
const chainLines = (...lines: ReadonlyArray<ChainedLine>): string => {
  let hash = ''
  return lines
    .map(line => {
      hash = chainHash(hash, JSON.stringify(line))
      return `${JSON.stringify({ ...line, hash })}\n`
    })
    .join('')
}

const validLog = chainLines(
  { seq: 1, time: time(1) },
  { seq: 2, time: time(2), more: true, request_id: 'r' },
  { seq: 3, time: time(2), request_id: 'r' },
  { seq: 4, time: time(2) },
)
const readLine = (n: number): string => validLog.split('\n')[n - 1] ?? ''

describe('the chain of a log', () => {
  it('is valid if each line has the next seq, a time not before the last, and the hash over all lines so far', () => {
    expect(findChainErrors(validLog)).toEqual([])
  })

  it('uses the hash that the format specifies: the first 128 bits of SHA-256', () => {
    expect(chainHash('', 'abc')).toBe('ba7816bf8f01cfea414140de5dae2223')
    expect(chainHash('a', 'bc')).toBe('ba7816bf8f01cfea414140de5dae2223')
  })

  it.each([
    ['a changed byte', validLog.replace(time(1), time(0)), /^line 1: its hash/],
    ['a line left out', validLog.replace(`${readLine(2)}\n`, ''), /^line 2: its hash/],
    ['two lines that were swapped', [1, 3, 2, 4].map(n => `${readLine(n)}\n`).join(''), /^line 2: its hash/],
    ['a line without a hash', `${JSON.stringify({ seq: 1, time: time(1) })}\n`, /^line 1: its hash is undefined/],
    [
      'a gap in seq with valid hashes',
      chainLines({ seq: 1, time: time(1) }, { seq: 3, time: time(1) }),
      /^line 2: its seq/,
    ],
    ['a first line whose seq is not 1', chainLines({ seq: 2, time: time(1) }), /^line 1: its seq/],
    ['a time that goes back', chainLines({ seq: 1, time: time(2) }, { seq: 2, time: time(1) }), /^line 2: its time is/],
    ['a last line without a line break', validLog.slice(0, -1), /^the last line has no line break/],
    [
      'a decision with two times',
      chainLines({ seq: 1, time: time(1), more: true }, { seq: 2, time: time(2) }),
      /a different time/,
    ],
    [
      'a decision with two requests',
      chainLines({ seq: 1, time: time(1), more: true }, { seq: 2, time: time(1), request_id: 'r' }),
      /a different request/,
    ],
    ['a decision without its last line', chainLines({ seq: 1, time: time(1), more: true }), /^the last decision/],
  ])('is broken by %s', (_what, text, problem) => {
    expect(findChainErrors(text)[0]).toMatch(problem)
  })
})
