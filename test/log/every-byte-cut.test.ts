import type { Event } from '@claimlog/domain'
import { expect, it } from 'vitest'
import { fullLog } from './full-log.ts'
import { inLog, logCopy, readAfter, writeAfter } from './log-copy.ts'
import { linesIn, type PlacedLine, textOf, wholeBy, withLines } from './log-lines.ts'
import { seededRandom } from '../programs/seeded-random.mjs'

it('the sample log has 200 events of all sixteen kinds', async () => {
  const lines = linesIn(await fullLog())
  const kinds = lines.map(({ text }) => (JSON.parse(text) as { readonly event: string }).event)
  expect([lines.length, new Set(kinds).size, lines.filter(({ more }) => more).length]).toEqual([200, 16, 32])
  expect(lines.slice(-4).map(({ more }) => more)).toEqual([false, true, true, false])
})

it('a reader of a log that grows byte by byte gets each decision once it is complete', async () => {
  const bytes = await fullLog()
  const lines = linesIn(bytes)
  const copy = logCopy()
  await inLog(copy.dir, async log => {
    let whole = 0
    for (let length = 0; length <= bytes.length; length += 1) {
      if (length > 0) copy.put(length - 1, bytes[length - 1] as number)
      const before = whole
      if (bytes[length - 1] === 0x0a) whole = wholeBy(lines, length)
      const read = await readAfter(log, before)
      expect(read, `the first ${length} bytes`).toEqual({ text: textOf(lines.slice(before, whole)), end: whole })
    }
  })
  expect(copy.bytes().equals(bytes)).toBe(true)
  expect(copy.torn()).toBe(undefined)
})

/** Every length near the end, where each kind of decision occurs, and every sixteenth length before. */
const lengthsToOpenAt = (size: number, lastThree: number): ReadonlyArray<number> =>
  Array.from({ length: size + 1 }, (_, length) => length).filter(length => length >= lastThree || length % 16 === 5)

it('a log truncated at any length is read up to its last complete decision, and is not changed', async () => {
  const bytes = await fullLog()
  const lines = linesIn(bytes)
  const copy = logCopy()
  for (const length of lengthsToOpenAt(bytes.length, startOfLastThree(lines))) {
    copy.hold(bytes, length)
    const whole = wholeBy(lines, length)
    const read = await inLog(copy.dir, log => readAfter(log, 0))
    expect(read, `the first ${length} bytes`).toEqual({ text: textOf(lines.slice(0, whole)), end: whole })
    expect(copy.bytes().equals(bytes.subarray(0, length)), `the first ${length} bytes, unchanged`).toBe(true)
  }
  expect(copy.torn()).toBe(undefined)
})

/** The offset of the first byte of the last three decisions. */
const startOfLastThree = (lines: ReadonlyArray<PlacedLine>): number => {
  const starts = lines.filter((_, i) => lines[i - 1]?.more !== true).map(({ start }) => start)
  return starts.at(-3) as number
}

const time = '2025-01-02T00:00:00.000Z'
const next = (seq: number): Event =>
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
const samples = 500

it('the next writer moves an incomplete tail to events.torn, byte for byte, and appends in its place', async () => {
  const bytes = await fullLog()
  const lines = linesIn(bytes)
  const lastThree = startOfLastThree(lines)
  const random = seededRandom(seed)
  const lengths = [
    0,
    ...Array.from({ length: samples }, () => random.between(1, lastThree)),
    ...Array.from({ length: bytes.length - lastThree }, (_, i) => lastThree + 1 + i),
  ]
  const copy = logCopy()
  for (const length of lengths) {
    const cut = `seed ${seed}, the first ${length} bytes`
    copy.hold(bytes, length)
    copy.forgetTorn()
    const whole = wholeBy(lines, length)
    const end = lines[whole - 1]?.end ?? 0
    const written = await inLog(copy.dir, log => writeAfter(log, 0, next))
    expect(written.end, cut).toBe('written')
    expect(written.text, cut).toBe(`${textOf(lines.slice(0, whole))}${nextText(whole + 1)}\n`)
    expect(copy.bytes().toString(), cut).toBe(withLines(bytes.subarray(0, end), nextText(whole + 1)).toString())
    const tail = bytes.subarray(end, length)
    expect(copy.torn(), cut).toEqual(tail.length === 0 ? undefined : Buffer.concat([tail, Buffer.from('\n')]))
  }
})
