import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DamageCause } from '@claimlog/event-log'
import { logFileName } from '@claimlog/event-log-file'
import { describe, expect, it } from 'vitest'
import { fullLog } from './full-log.ts'
import { linesIn, type PlacedLine, sealed, textOf, wholeBy, withLines } from './log-lines.ts'
import { ask, directoryWith, expectNoWorkspace, expectRead, expectStopped, looks } from './odd-log.ts'

/** A change to a valid log of 200 lines, and the line at which every reader must stop. */
type Damage = {
  readonly what: string
  readonly make: (sound: Buffer, lines: ReadonlyArray<PlacedLine>) => string | Buffer
  readonly line: number
  readonly says: string
  readonly cause?: DamageCause
}

const changed = 'its hash does not match'
const moved = 'lines were added, removed or moved'
const noHash = 'it does not end in a hash'
const notUtf8 = 'it is not valid UTF-8'

/** The text of lines, with `remove` of them, from line number `line` on, replaced by `insert`. */
const spliced = (lines: ReadonlyArray<PlacedLine>, line: number, remove: number, insert: string): string =>
  textOf(lines.slice(0, line - 1)) + insert + textOf(lines.slice(line - 1 + remove))

const textAt = (lines: ReadonlyArray<PlacedLine>, line: number): string => textOf(lines.slice(line - 1, line))

const opened = (workspace: string): string =>
  `{"seq":1,"event":"opened","format":1,"workspace":"${workspace}","lease_ms":1,"max_attempts":1,` +
  '"backoff":{"first_ms":1,"max_ms":1},"time":"2025-01-01T12:00:00.000Z"}'

/** A valid line with U+FFFD in it, with one byte changed so that a lenient decoder decodes it to U+FFFD again. */
const forgivenByDecoders = (sound: Buffer): Buffer => {
  const time = '2025-01-02T00:00:00.000Z'
  const bytes = withLines(sound, `{"seq":201,"event":"noted","task_id":"a","text":"\ufffd","time":"${time}"}`)
  bytes[bytes.lastIndexOf(0xef)] = 0xf1
  return bytes
}

const damages: ReadonlyArray<Damage> = [
  {
    what: 'CRLF line endings',
    make: sound => sound.toString().replaceAll('\n', '\r\n'),
    line: 1,
    says: 'it ends in \\r\\n',
    cause: 'line_endings',
  },
  { what: 'a UTF-8 byte order mark', make: sound => `\ufeff${sound.toString()}`, line: 1, says: changed },
  {
    what: 'a copy in UTF-16',
    make: sound => Buffer.from(`\ufeff${sound.toString()}`, 'utf16le'),
    line: 1,
    says: notUtf8,
  },
  { what: 'a blank line at the start', make: (_, lines) => spliced(lines, 1, 0, '\n'), line: 1, says: noHash },
  { what: 'a blank line in the middle', make: (_, lines) => spliced(lines, 101, 0, '\n'), line: 101, says: noHash },
  { what: 'a blank line at the end', make: (_, lines) => spliced(lines, 201, 0, '\n'), line: 201, says: noHash },
  {
    what: 'a duplicated line',
    make: (_, lines) => spliced(lines, 101, 0, textAt(lines, 100)),
    line: 101,
    says: moved,
  },
  {
    what: 'a duplicated last line',
    make: (_, lines) => spliced(lines, 201, 0, textAt(lines, 200)),
    line: 201,
    says: 'its seq is 200, not 201',
  },
  {
    what: 'two lines swapped',
    make: (_, lines) => spliced(lines, 100, 2, textAt(lines, 101) + textAt(lines, 100)),
    line: 100,
    says: 'its seq is 101, not 100',
  },
  { what: 'a line removed', make: (_, lines) => spliced(lines, 100, 1, ''), line: 100, says: moved },
  { what: 'its first line removed', make: (_, lines) => spliced(lines, 1, 1, ''), line: 1, says: moved },
  {
    what: 'a copy of itself appended',
    make: sound => Buffer.concat([sound, sound]),
    line: 201,
    says: 'its seq is 1, not 201',
  },
  {
    what: 'the log of another workspace appended',
    make: sound => sound.toString() + sealed('', opened('another')),
    line: 201,
    says: 'it is line 1 of another log',
    cause: 'merged_histories',
  },
  {
    what: '3 MiB of zeros and nothing else',
    make: () => Buffer.alloc(3 << 20),
    line: 1,
    says: 'longer than the maximum line',
  },
  {
    what: 'several lines overwritten with zeros',
    make: (sound, lines) => Buffer.from(sound).fill(0, lines[99]?.start, lines[102]?.end),
    line: 100,
    says: changed,
  },
  {
    what: 'zeros in the middle of a line',
    make: (sound, lines) => Buffer.from(sound).fill(0, (lines[99]?.start ?? 0) + 30, (lines[99]?.start ?? 0) + 50),
    line: 100,
    says: changed,
  },
  {
    what: 'zeros and a newline at its end',
    make: sound => Buffer.concat([sound, Buffer.alloc(4096), Buffer.from('\n')]),
    line: 201,
    says: noHash,
  },
  {
    what: 'a tail that is longer than the maximum line',
    make: sound => Buffer.concat([sound, Buffer.alloc(1 << 20)]),
    line: 201,
    says: 'longer than the maximum line',
  },
  {
    what: 'invalid bytes that decode to the replacement character',
    make: forgivenByDecoders,
    line: 201,
    says: notUtf8,
  },
  {
    what: 'a hash in capitals',
    make: (_, lines) =>
      spliced(
        lines,
        100,
        1,
        textAt(lines, 100).replace(/[0-9a-f]{32}/, hex => hex.toUpperCase()),
      ),
    line: 100,
    says: noHash,
  },
]

describe('a log stops every reader and writer, and is not changed, if it has', () => {
  it.each(damages)('$what', async ({ make, line, says, cause }) => {
    const sound = await fullLog()
    const lines = linesIn(sound)
    const made = make(sound, lines)
    const start = lines[line - 1]?.start ?? sound.length
    const text = textOf(lines.slice(0, wholeBy(lines, start)))
    const stop = { failure: 'LogDamaged', line, offset: start, says, cause } as const
    await expectStopped(Buffer.from(made), text, stop)
  })
})

describe('a log is read up to its last complete decision, and the next writer moves the rest, if it is', () => {
  it('without its last newline', async () => {
    const sound = await fullLog()
    const lines = linesIn(sound)
    const whole = lines.slice(0, wholeBy(lines, sound.length - 1))
    await expectRead(sound.subarray(0, -1), textOf(whole), whole.length)
  })

  it('without the last line of its last decision', async () => {
    const lines = linesIn(await fullLog())
    await expectRead(Buffer.from(textOf(lines.slice(0, 199))), textOf(lines.slice(0, 197)), 197)
  })

  it.each([1, 4096, (1 << 20) - 1])('followed by %i zeros, as after a power cut', async count => {
    const sound = await fullLog()
    await expectRead(Buffer.concat([sound, Buffer.alloc(count)]), sound.toString(), 200)
  })
})

describe('a log has no workspace, and is not changed, if it consists of', () => {
  it.each([
    { what: 'no bytes', bytes: Buffer.alloc(0) },
    { what: 'one byte', bytes: Buffer.from('x') },
    { what: 'the first line without its newline', bytes: Buffer.from(sealed('', opened('w')).slice(0, -1)) },
    { what: 'an incomplete decision', bytes: withLines(Buffer.alloc(0), opened('w').replace(/\}$/, ',"more":true}')) },
    { what: '4 KiB of zeros', bytes: Buffer.alloc(4096) },
  ])('$what', async ({ bytes }) => {
    await expectNoWorkspace(bytes)
  })
})

it('no command changes queue.json while the log is damaged', async () => {
  const sound = await fullLog()
  const dir = directoryWith(sound)
  const at = (name: string): string => readFileSync(join(dir, name), 'utf8')
  expect(await ask(dir, ['replay'])).toMatchObject({ status: 0 })
  const queue = at('queue.json')
  expect((JSON.parse(queue) as { readonly seq: number }).seq).toBe(200)
  const damaged = Buffer.from(sound)
  damaged[linesIn(sound)[99]?.start as number] = 0x5b
  writeFileSync(join(dir, logFileName), damaged)
  for (const words of [...looks, ['claim', 'ann'], ['add', 'docs'], ['init'], ['replay']]) {
    const { status } = await ask(dir, words)
    expect({ words, status, queue: at('queue.json') }).toEqual({ words, status: 7, queue })
  }
  expect(readFileSync(join(dir, logFileName)).equals(damaged)).toBe(true)
})
