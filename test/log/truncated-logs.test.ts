import type { Event } from '@claimlog/domain'
import { expect, it } from 'vitest'
import { writeSampleLog } from './sample-log.ts'
import { withLog, createLogCopy, readLog, appendEvent } from './log-copy.ts'
import { splitLines, type LineSpan, joinLines, countCompleteLines, appendLines } from './log-lines.ts'
import { seededRandom } from '../programs/seeded-random.mjs'
import { chooseCount } from '../support/machine/select-cases.ts'

it('the sample log has 200 events of all sixteen kinds', async () => {
  const lines = splitLines(await writeSampleLog())
  const kinds = lines.map(({ text }) => (JSON.parse(text) as { readonly event: string }).event)
  expect([lines.length, new Set(kinds).size, lines.filter(({ more }) => more).length]).toEqual([200, 16, 32])
  expect(lines.slice(-4).map(({ more }) => more)).toEqual([false, true, true, false])
})

it('a reader of a log that grows byte by byte gets each decision once it is complete', async () => {
  const bytes = await writeSampleLog()
  const lines = splitLines(bytes)
  const copy = createLogCopy()
  await withLog(copy.dir, async log => {
    let completeLines = 0
    for (let length = 0; length <= bytes.length; length += 1) {
      if (length > 0) copy.setByte(length - 1, bytes[length - 1] as number)
      const before = completeLines
      if (bytes[length - 1] === 0x0a) completeLines = countCompleteLines(lines, length)
      const read = await readLog(log, before)
      expect(read, `the first ${length} bytes`).toEqual({
        text: joinLines(lines.slice(before, completeLines)),
        end: completeLines,
      })
    }
  })
  expect(copy.readBytes().equals(bytes)).toBe(true)
  expect(copy.readTorn()).toBe(undefined)
})

/** Every length near the end, where each kind of decision occurs, and every sixteenth length before. */
const sampleLengths = (size: number, tailStart: number): ReadonlyArray<number> =>
  Array.from({ length: size + 1 }, (_, length) => length).filter(length => length >= tailStart || length % 16 === 5)

it('a log truncated at any length is read up to its last complete decision, and is not changed', async () => {
  const bytes = await writeSampleLog()
  const lines = splitLines(bytes)
  const copy = createLogCopy()
  for (const length of sampleLengths(bytes.length, findTailStart(lines))) {
    copy.replace(bytes, length)
    const completeLines = countCompleteLines(lines, length)
    const read = await withLog(copy.dir, log => readLog(log, 0))
    expect(read, `the first ${length} bytes`).toEqual({
      text: joinLines(lines.slice(0, completeLines)),
      end: completeLines,
    })
    expect(copy.readBytes().equals(bytes.subarray(0, length)), `the first ${length} bytes, unchanged`).toBe(true)
  }
  expect(copy.readTorn()).toBe(undefined)
})

/** The offset of the first byte of the last three decisions. */
const findTailStart = (lines: ReadonlyArray<LineSpan>): number => {
  const starts = lines.filter((_, i) => lines[i - 1]?.more !== true).map(({ start }) => start)
  return starts.at(-3) as number
}

const time = '2025-01-02T00:00:00.000Z'
const nextEvent = (seq: number): Event =>
  seq === 1
    ? {
        seq,
        event: 'opened',
        format: 1,
        workspace: 'w',
        leaseMs: 1,
        maxAttempts: 1,
        backoff: { firstMs: 1, maxMs: 1 },
        time,
      }
    : { seq, event: 'resumed', kind: 'käfer', time }
const nextText = (seq: number): string =>
  seq === 1
    ? `{"seq":1,"event":"opened","format":1,"workspace":"w","lease_ms":1,"max_attempts":1,"backoff":{"first_ms":1,"max_ms":1},"time":"${time}"}`
    : `{"seq":${seq},"event":"resumed","kind":"käfer","time":"${time}"}`

const seed = 20250101
const samples = chooseCount(500, 150)

it('the next writer moves an incomplete tail to events.torn, byte for byte, and appends in its place', async () => {
  const bytes = await writeSampleLog()
  const lines = splitLines(bytes)
  const tailStart = findTailStart(lines)
  const random = seededRandom(seed)
  const lengths = [
    0,
    ...Array.from({ length: samples }, () => random.between(1, tailStart)),
    ...Array.from({ length: bytes.length - tailStart }, (_, i) => tailStart + 1 + i),
  ]
  const copy = createLogCopy()
  for (const length of lengths) {
    const description = `seed ${seed}, the first ${length} bytes`
    copy.replace(bytes, length)
    copy.deleteTorn()
    const completeLines = countCompleteLines(lines, length)
    const end = lines[completeLines - 1]?.end ?? 0
    const result = await withLog(copy.dir, log => appendEvent(log, 0, nextEvent))
    expect(result.end, description).toBe('written')
    expect(result.text, description).toBe(`${joinLines(lines.slice(0, completeLines))}${nextText(completeLines + 1)}\n`)
    expect(copy.readBytes().toString(), description).toBe(
      appendLines(bytes.subarray(0, end), nextText(completeLines + 1)).toString(),
    )
    const tail = bytes.subarray(end, length)
    expect(copy.readTorn(), description).toEqual(
      tail.length === 0 ? undefined : Buffer.concat([tail, Buffer.from('\n')]),
    )
  }
})
