import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { lineBytesMax } from '@claimlog/event-log-line'
import {
  bytesAsText,
  createDirectoryFromBytes,
  withLog,
  lastHash,
  formatLine,
  buildLog,
  logPath,
  logText,
  readWords,
  appendWord,
  tornText,
} from '../../testing/sample-log.ts'
import { decisions, findLineStart } from '../../testing/damaged-log.ts'

const splitLines = (bytes: Buffer): ReadonlyArray<Buffer> => {
  const lines: Array<Buffer> = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start) + 1
    lines.push(bytes.subarray(start, end))
    start = end
  }
  return lines
}

/** The results of a read, an append at the end and a transaction; checks that none of them changed a file. */
const tryAll = async (bytes: Buffer): Promise<ReadonlyArray<unknown>> => {
  const dir = createDirectoryFromBytes(bytes)
  const results = [
    await withLog(dir, readWords),
    await withLog(dir, log => appendWord(log, 'more')),
    await withLog(dir, async log => {
      const appendResult = await log.append(12, [{ seq: 13, word: 'more' }])()
      return E.isLeft(appendResult) ? appendResult.left : 'appended'
    }),
  ]
  expect(logText(dir) === bytesAsText(bytes)).toBe(true)
  expect(tornText(dir)).toBeUndefined()
  return results.map(outcome =>
    typeof outcome === 'object' && 'path' in outcome && outcome.path === logPath(dir) ? pickPosition(outcome) : outcome,
  )
}

const pickPosition = (failure: object): unknown => {
  const { failure: name, line, offset } = failure as Record<string, unknown>
  return { failure: name, line, offset }
}

const repeatThrice = (failure: string, line: number, offset: number): ReadonlyArray<unknown> =>
  Array<unknown>(3).fill({ failure, line, offset })

/** Runs many at a time, because a reader reads seeming damage a few times. */
const forEachParallel = async (count: number, body: (i: number) => Promise<void>): Promise<void> => {
  const concurrency = 50
  for (let from = 0; from < count; from += concurrency)
    await Promise.all(Array.from({ length: Math.min(concurrency, count - from) }, (_, i) => body(from + i)))
}

describe.each([{ flip: 0xff }])('any byte changed by $flip', ({ flip }) => {
  it('stops readers and writers at its line, and changes nothing', async () => {
    const sound = await buildLog(decisions)
    const starts = splitLines(sound).map((_, i) => findLineStart(sound, i + 1))
    await forEachParallel(sound.length - 1, async offset => {
      const flipped = Buffer.from(sound)
      flipped[offset] = (flipped[offset] as number) ^ flip
      const line = starts.filter(start => start <= offset).length
      expect(await tryAll(flipped), `byte ${offset}`).toEqual(
        repeatThrice('LogDamaged', line, starts[line - 1] as number),
      )
    })
  })

  it('is a torn tail if it is the last newline', async () => {
    const flipped = await buildLog(decisions)
    flipped[flipped.length - 1] = 0x0a ^ flip
    const dir = createDirectoryFromBytes(flipped)
    expect(await withLog(dir, readWords)).toEqual(decisions.flat().slice(0, 9))
    expect(await withLog(dir, log => appendWord(log, 'ten'))).toBe(10)
    expect(logText(dir)).toBe(bytesAsText(await buildLog([...decisions.slice(0, -1), ['ten']])))
  })
})

type LineDamage = { readonly what: string; readonly line: number; readonly edit: (lines: Array<Buffer>) => void }

const getLine = (lines: Array<Buffer>, line: number): Buffer => lines[line - 1] as Buffer

const damages: ReadonlyArray<LineDamage> = [
  { what: 'two lines swapped', line: 6, edit: lines => lines.splice(5, 2, getLine(lines, 7), getLine(lines, 6)) },
  { what: 'a line twice', line: 7, edit: lines => lines.splice(6, 0, getLine(lines, 6)) },
  { what: 'a line removed', line: 6, edit: lines => lines.splice(5, 1) },
  { what: 'the first line removed', line: 1, edit: lines => lines.splice(0, 1) },
  { what: 'the last line of a decision twice', line: 13, edit: lines => lines.push(getLine(lines, 12)) },
  { what: 'a blank line', line: 7, edit: lines => lines.splice(6, 0, Buffer.from('\n')) },
  { what: 'a blank line at the end', line: 13, edit: lines => lines.push(Buffer.from('\n')) },
  { what: 'a blank line at the start', line: 1, edit: lines => lines.unshift(Buffer.from('\n')) },
  {
    what: 'carriage returns',
    line: 1,
    edit: lines => lines.forEach((line, i) => (lines[i] = Buffer.from(line.toString().replace('\n', '\r\n')))),
  },
  { what: 'a byte order mark', line: 1, edit: lines => lines.unshift(Buffer.from('\ufeff')) },
  {
    what: 'zeros over a line and its newline',
    line: 8,
    edit: lines => (lines[7] = Buffer.alloc(getLine(lines, 8).length)),
  },
  { what: 'zeros between two lines', line: 8, edit: lines => lines.splice(7, 0, Buffer.alloc(512)) },
  { what: 'another copy of the log after it', line: 13, edit: lines => lines.push(...lines) },
  { what: 'bytes that are not UTF-8', line: 11, edit: lines => (getLine(lines, 11)[20] = 0xc0) },
  { what: 'an encoded surrogate', line: 9, edit: lines => getLine(lines, 9).set([0xed, 0xa0, 0x80], 20) },
  {
    what: 'a hash in capitals',
    line: 5,
    edit: lines => {
      lines[4] = Buffer.from(
        getLine(lines, 5)
          .toString()
          .replace(/[0-9a-f]{32}/, digits => digits.toUpperCase()),
      )
    },
  },
  { what: 'a line cut in the middle', line: 4, edit: lines => (lines[3] = getLine(lines, 4).subarray(0, 30)) },
]

describe('a damaged log', () => {
  it.each(damages)('with $what stops readers and writers there, and is not changed', async ({ line, edit }) => {
    const sound = await buildLog(decisions)
    const lines = splitLines(sound).map(each => Buffer.from(each))
    edit(lines)
    const offset = line > 12 ? sound.length : findLineStart(sound, line)
    expect(await tryAll(Buffer.concat(lines))).toEqual(repeatThrice('LogDamaged', line, offset))
  })

  it.each([
    { what: 'a seq that is not the next', json: '{"seq":14,"event":"said","word":"x"}' },
    { what: 'no seq', json: '{"event":"said","word":"x"}' },
    { what: 'a seq that is text', json: '{"seq":"13","event":"said","word":"x"}' },
    { what: 'no JSON', json: '{"seq":13,"event":"said","word":}' },
    { what: 'an event without its shape', json: '{"seq":13,"event":"said","word":1}' },
    {
      what: 'more bytes than the maximum',
      json: `{"seq":13,"event":"said","word":"${'x'.repeat(lineBytesMax)}"}`,
    },
  ])('also stops them if a line is chained correctly but has $what', async ({ json }) => {
    const sound = await buildLog(decisions)
    const { line } = formatLine(lastHash(sound), json)
    const bytes = Buffer.concat([sound, Buffer.from(line)])
    expect(await tryAll(bytes)).toEqual(repeatThrice('LogDamaged', 13, sound.length))
  })

  it('lets no writer decide on the events before the damage', async () => {
    const bytes = await buildLog(decisions)
    bytes[bytes.length - 10] = 0x78
    const dir = createDirectoryFromBytes(bytes)
    let decideCalls = 0
    const refused = await withLog(dir, log =>
      log.transact(
        { seq: 0, apply: () => undefined },
        () => {
          decideCalls += 1
          return E.right({ events: [] })
        },
        identity,
      )(),
    )
    expect(refused).toMatchObject({ _tag: 'Left', left: { failure: 'LogDamaged', line: 12 } })
    expect(decideCalls).toBe(0)
  })
})

describe('a line that only a newer version understands', () => {
  it('stops readers and writers with its own failure, and is not changed', async () => {
    const sound = await buildLog(decisions)
    const { line } = formatLine(lastHash(sound), '{"seq":13,"event":"sung","word":"x"}')
    const bytes = Buffer.concat([sound, Buffer.from(line)])
    expect(await tryAll(bytes)).toEqual(repeatThrice('UnknownFormat', 13, sound.length))
    const dir = createDirectoryFromBytes(bytes)
    expect(await withLog(dir, readWords)).toEqual({
      failure: 'UnknownFormat',
      path: logPath(dir),
      line: 13,
      offset: sound.length,
      detail: 'event sung',
    })
  })
})
