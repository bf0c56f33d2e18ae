import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineSplitter, pieceBytesMax } from './output-lines.ts'

/** The random cases are the same in every run. */
const seed = 20_261_129

/** The lines of an output that arrives in these chunks. */
const lines = (...chunks: ReadonlyArray<string | Uint8Array>): ReadonlyArray<string> => {
  const splitter = lineSplitter()
  return [...chunks.flatMap(chunk => [...splitter.split(Buffer.from(chunk as string))]), ...splitter.end()]
}

describe('output lines', () => {
  it('have no line breaks; empty lines and an unterminated last line are included', () => {
    expect(lines('a\n\nb\r\nc')).toEqual(['a', '', 'b', 'c'])
    expect(lines('a\n')).toEqual(['a'])
    expect(lines()).toEqual([])
  })

  it('are not changed, control characters included', () => {
    expect(lines('\u001b[31mred\u0000\u0007\n')).toEqual(['\u001b[31mred\u0000\u0007'])
  })

  it('have the last state of a progress bar, as a carriage return restarts a line', () => {
    expect(lines('1%\r50%\r', '100%\r', '\nnext\r', '\n')).toEqual(['100%', 'next'])
    expect(lines('1%\r2%\r\r')).toEqual(['2%'])
  })

  it('are buffered up to one piece, however often a line is restarted', () => {
    const splitter = lineSplitter()
    const pieces = Array.from({ length: 1000 }, () => [...splitter.split(Buffer.from(`${'#'.repeat(100)}\r`))])
    expect(pieces.flat()).toEqual([])
    expect(splitter.end()).toEqual(['#'.repeat(100)])
  })

  it('are cut after 8 KiB, and no piece is empty', () => {
    const piece = 'x'.repeat(pieceBytesMax)
    expect(lines(`${piece}${piece}y\n${piece}\n`, 'z')).toEqual([piece, piece, 'y', piece, 'z'])
    expect(lines(`${piece}${piece}`, '\r', '\n')).toEqual([piece, piece])
  })

  it('are cut between characters', () => {
    expect(lines(`${'x'.repeat(pieceBytesMax - 1)}😀\n`)).toEqual(['x'.repeat(pieceBytesMax - 1), '😀'])
  })

  it('have replacement characters for invalid UTF-8', () => {
    expect(lines(Buffer.of(0x61, 0xff, 0x0a))).toEqual(['a\ufffd'])
    expect(lines(Buffer.alloc(pieceBytesMax + 1, 0x80)).join('')).toBe('\ufffd'.repeat(pieceBytesMax + 1))
  })

  it(`do not depend on how the output is chunked (seed ${seed})`, () => {
    const text = fc.string({ unit: fc.constantFrom('\n', '\r', 'a', 'ä', '😀', 'x'.repeat(3000)), maxLength: 40 })
    fc.assert(
      fc.property(text, fc.array(fc.nat()), (printed, cuts) => {
        const bytes = Buffer.from(printed)
        const offsets = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
        const chunks = offsets.slice(1).map((offset, i) => bytes.subarray(offsets[i], offset))
        const whole = printed.split('\n').map(line => line.replace(/\r+$/, '').replace(/^.*\r/s, ''))
        // Pieces of a line that is cut are emitted before it is restarted.
        fc.pre(!printed.split('\n').some(line => Buffer.byteLength(line) > pieceBytesMax))
        expect(lines(...chunks)).toEqual(whole.at(-1) === '' ? whole.slice(0, -1) : whole)
      }),
      { seed },
    )
  })
})
