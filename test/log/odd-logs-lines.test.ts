import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DamageCause } from '@claimlog/event-log'
import { logFileName } from '@claimlog/event-log-file'
import { describe, expect, it } from 'vitest'
import { writeSampleLog } from './sample-log.ts'
import { splitLines, type LineSpan, chainLine, joinLines, countCompleteLines, appendLines } from './log-lines.ts'
import {
  runChecked,
  newLogDirectory,
  expectNoWorkspace,
  expectRead,
  expectStopped,
  readCommands,
} from './odd-log-checks.ts'

/** A change to a valid log of 200 lines, and the line at which every reader must stop. */
type LogDamageExample = {
  readonly what: string
  readonly make: (sampleLog: Buffer, lines: ReadonlyArray<LineSpan>) => string | Buffer
  readonly line: number
  readonly messagePart: string
  readonly cause?: DamageCause
}

const hashMismatch = 'its hash does not match'
const linesMoved = 'lines were added, removed or moved'
const missingHash = 'it does not end in a hash'
const invalidUtf8 = 'it is not valid UTF-8'

/** The text of lines, with `remove` of them, from line number `line` on, replaced by `insert`. */
const spliceLines = (lines: ReadonlyArray<LineSpan>, line: number, remove: number, insert: string): string =>
  joinLines(lines.slice(0, line - 1)) + insert + joinLines(lines.slice(line - 1 + remove))

const lineText = (lines: ReadonlyArray<LineSpan>, line: number): string => joinLines(lines.slice(line - 1, line))

const openedLine = (workspace: string): string =>
  `{"seq":1,"event":"opened","format":1,"workspace":"${workspace}","lease_ms":1,"max_attempts":1,` +
  '"backoff":{"first_ms":1,"max_ms":1},"time":"2025-01-01T12:00:00.000Z"}'

/** A valid line with U+FFFD in it, with one byte changed so that a lenient decoder decodes it to U+FFFD again. */
const invalidReplacementCharacter = (sampleLog: Buffer): Buffer => {
  const time = '2025-01-02T00:00:00.000Z'
  const bytes = appendLines(sampleLog, `{"seq":201,"event":"noted","task_id":"a","text":"\ufffd","time":"${time}"}`)
  bytes[bytes.lastIndexOf(0xef)] = 0xf1
  return bytes
}

const damages: ReadonlyArray<LogDamageExample> = [
  {
    what: 'CRLF line endings',
    make: sampleLog => sampleLog.toString().replaceAll('\n', '\r\n'),
    line: 1,
    messagePart: 'it ends in \\r\\n',
    cause: 'line_endings',
  },
  {
    what: 'a UTF-8 byte order mark',
    make: sampleLog => `\ufeff${sampleLog.toString()}`,
    line: 1,
    messagePart: hashMismatch,
  },
  {
    what: 'a copy in UTF-16',
    make: sampleLog => Buffer.from(`\ufeff${sampleLog.toString()}`, 'utf16le'),
    line: 1,
    messagePart: invalidUtf8,
  },
  {
    what: 'a blank line at the start',
    make: (_, lines) => spliceLines(lines, 1, 0, '\n'),
    line: 1,
    messagePart: missingHash,
  },
  {
    what: 'a blank line in the middle',
    make: (_, lines) => spliceLines(lines, 101, 0, '\n'),
    line: 101,
    messagePart: missingHash,
  },
  {
    what: 'a blank line at the end',
    make: (_, lines) => spliceLines(lines, 201, 0, '\n'),
    line: 201,
    messagePart: missingHash,
  },
  {
    what: 'a duplicated line',
    make: (_, lines) => spliceLines(lines, 101, 0, lineText(lines, 100)),
    line: 101,
    messagePart: linesMoved,
  },
  {
    what: 'a duplicated last line',
    make: (_, lines) => spliceLines(lines, 201, 0, lineText(lines, 200)),
    line: 201,
    messagePart: 'its seq is 200, not 201',
  },
  {
    what: 'two lines swapped',
    make: (_, lines) => spliceLines(lines, 100, 2, lineText(lines, 101) + lineText(lines, 100)),
    line: 100,
    messagePart: 'its seq is 101, not 100',
  },
  { what: 'a line removed', make: (_, lines) => spliceLines(lines, 100, 1, ''), line: 100, messagePart: linesMoved },
  {
    what: 'its first line removed',
    make: (_, lines) => spliceLines(lines, 1, 1, ''),
    line: 1,
    messagePart: linesMoved,
  },
  {
    what: 'a copy of itself appended',
    make: sampleLog => Buffer.concat([sampleLog, sampleLog]),
    line: 201,
    messagePart: 'its seq is 1, not 201',
  },
  {
    what: 'the log of another workspace appended',
    make: sampleLog => sampleLog.toString() + chainLine('', openedLine('another')),
    line: 201,
    messagePart: 'it is line 1 of another log',
    cause: 'merged_histories',
  },
  {
    what: '3 MiB of zeros and nothing else',
    make: () => Buffer.alloc(3 << 20),
    line: 1,
    messagePart: 'longer than the maximum line',
  },
  {
    what: 'several lines overwritten with zeros',
    make: (sampleLog, lines) => Buffer.from(sampleLog).fill(0, lines[99]?.start, lines[102]?.end),
    line: 100,
    messagePart: hashMismatch,
  },
  {
    what: 'zeros in the middle of a line',
    make: (sampleLog, lines) =>
      Buffer.from(sampleLog).fill(0, (lines[99]?.start ?? 0) + 30, (lines[99]?.start ?? 0) + 50),
    line: 100,
    messagePart: hashMismatch,
  },
  {
    what: 'zeros and a newline at its end',
    make: sampleLog => Buffer.concat([sampleLog, Buffer.alloc(4096), Buffer.from('\n')]),
    line: 201,
    messagePart: missingHash,
  },
  {
    what: 'a tail that is longer than the maximum line',
    make: sampleLog => Buffer.concat([sampleLog, Buffer.alloc(1 << 20)]),
    line: 201,
    messagePart: 'longer than the maximum line',
  },
  {
    what: 'invalid bytes that decode to the replacement character',
    make: invalidReplacementCharacter,
    line: 201,
    messagePart: invalidUtf8,
  },
  {
    what: 'a hash in capitals',
    make: (_, lines) =>
      spliceLines(
        lines,
        100,
        1,
        lineText(lines, 100).replace(/[0-9a-f]{32}/, hex => hex.toUpperCase()),
      ),
    line: 100,
    messagePart: missingHash,
  },
]

describe('a log stops every reader and writer, and is not changed, if it has', () => {
  it.each(damages)('$what', async ({ make, line, messagePart, cause }) => {
    const sampleLog = await writeSampleLog()
    const lines = splitLines(sampleLog)
    const damagedLog = make(sampleLog, lines)
    const start = lines[line - 1]?.start ?? sampleLog.length
    const text = joinLines(lines.slice(0, countCompleteLines(lines, start)))
    const expectedFailure = { failure: 'LogDamaged', line, offset: start, messagePart, cause } as const
    await expectStopped(Buffer.from(damagedLog), text, expectedFailure)
  })
})

describe('a log is read up to its last complete decision, and the next writer moves the rest, if it is', () => {
  it('without its last newline', async () => {
    const sampleLog = await writeSampleLog()
    const lines = splitLines(sampleLog)
    const completeLines = lines.slice(0, countCompleteLines(lines, sampleLog.length - 1))
    await expectRead(sampleLog.subarray(0, -1), joinLines(completeLines), completeLines.length)
  })

  it('without the last line of its last decision', async () => {
    const lines = splitLines(await writeSampleLog())
    await expectRead(Buffer.from(joinLines(lines.slice(0, 199))), joinLines(lines.slice(0, 197)), 197)
  })

  it.each([1, 4096, (1 << 20) - 1])('followed by %i zeros, as after a power cut', async count => {
    const sampleLog = await writeSampleLog()
    await expectRead(Buffer.concat([sampleLog, Buffer.alloc(count)]), sampleLog.toString(), 200)
  })
})

describe('a log has no workspace, and is not changed, if it consists of', () => {
  it.each([
    { what: 'no bytes', bytes: Buffer.alloc(0) },
    { what: 'one byte', bytes: Buffer.from('x') },
    { what: 'the first line without its newline', bytes: Buffer.from(chainLine('', openedLine('w')).slice(0, -1)) },
    {
      what: 'an incomplete decision',
      bytes: appendLines(Buffer.alloc(0), openedLine('w').replace(/\}$/, ',"more":true}')),
    },
    { what: '4 KiB of zeros', bytes: Buffer.alloc(4096) },
  ])('$what', async ({ bytes }) => {
    await expectNoWorkspace(bytes)
  })
})

it('no command changes queue.json while the log is damaged', async () => {
  const sampleLog = await writeSampleLog()
  const dir = newLogDirectory(sampleLog)
  const readText = (name: string): string => readFileSync(join(dir, name), 'utf8')
  expect(await runChecked(dir, ['replay'])).toMatchObject({ status: 0 })
  const queue = readText('queue.json')
  expect((JSON.parse(queue) as { readonly seq: number }).seq).toBe(200)
  const damaged = Buffer.from(sampleLog)
  damaged[splitLines(sampleLog)[99]?.start as number] = 0x5b
  writeFileSync(join(dir, logFileName), damaged)
  for (const args of [...readCommands, ['claim', 'ann'], ['add', 'docs'], ['init'], ['replay']]) {
    const { status } = await runChecked(dir, args)
    expect({ args, status, queue: readText('queue.json') }).toEqual({ args, status: 7, queue })
  }
  expect(readFileSync(join(dir, logFileName)).equals(damaged)).toBe(true)
})
