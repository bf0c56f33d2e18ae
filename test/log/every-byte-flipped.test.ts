import { describe, expect, it } from 'vitest'
import type { Event } from '@claimlog/domain'
import { fullLog, type Log } from './full-log.ts'
import { inLog, logCopy, type Reading, readAfter, writeAfter } from './log-copy.ts'
import { linesIn, type PlacedLine, textOf, wholeBy } from './log-lines.ts'
import { seededRandom } from '../programs/seeded-random.mjs'

/** The lines of a decision, and the complete lines before it. */
type Decision = { readonly lines: ReadonlyArray<PlacedLine>; readonly before: ReadonlyArray<PlacedLine> }

const decisionsOf = (lines: ReadonlyArray<PlacedLine>): ReadonlyArray<Decision> =>
  lines
    .filter(({ more }) => !more)
    .map(last => {
      const before = lines.slice(0, wholeBy(lines, last.start))
      return { lines: lines.slice(before.length, lines.indexOf(last) + 1), before }
    })

const never = (): Event => {
  throw new Error('a writer was not stopped')
}

/** The result of a reader that must be stopped, as one text, because it is compared some 100,000 times. */
const told = ({ text, end }: Reading): string => {
  if (typeof end !== 'object' || end === null || !('detail' in end)) return `${text}${String(end)}`
  const { detail, ...where } = end
  return `${text}${JSON.stringify(where)} ${typeof detail === 'string' && detail !== '' ? 'with a reason' : ''}`
}

/** The operations that find a changed byte: in a log that was read up to it, and in a newly opened log. */
type Comers = {
  readonly come: (log: Log, seq: number) => Promise<Reading>
  readonly comeAnew: (log: Log, seq: number) => Promise<Reading>
}

/** Checks that changing any byte of a decision by `mask` stops every operation at its line; not the last newline. */
const changeEachByteOf = async (
  { lines, before }: Decision,
  bytes: Buffer,
  mask: (at: number) => number,
  { come, comeAnew }: Comers,
): Promise<void> => {
  const copy = logCopy()
  const [seq, start] = [before.length, before.at(-1)?.end ?? 0]
  copy.hold(bytes, start)
  await inLog(copy.dir, async log => {
    expect(await readAfter(log, 0)).toEqual({ text: textOf(before), end: seq })
    copy.hold(bytes)
    for (const [i, line] of lines.entries()) {
      const place = { failure: 'LogDamaged', path: copy.path, line: seq + i + 1, offset: line.start }
      const stopped = `${JSON.stringify(place)} with a reason`
      for (let at = line.start; at < line.end && at < bytes.length - 1; at += 1) {
        const changed = (bytes[at] as number) ^ mask(at)
        const where = `byte ${at} made ${changed}`
        copy.put(at, changed)
        expect(told(await come(log, seq)), where).toBe(stopped)
        if (at % everySixteenth === 3)
          expect(told(await inLog(copy.dir, fresh => comeAnew(fresh, 0))), where).toBe(`${textOf(before)}${stopped}`)
        expect(copy.at(at), where).toBe(changed)
        copy.put(at, bytes[at] as number)
      }
    }
  })
  expect(copy.bytes().equals(bytes)).toBe(true)
  expect(copy.torn()).toBe(undefined)
}

/** Opening the log reads all of it, which takes a hundred times as long as continuing to read. */
const everySixteenth = 16

const refused = (log: Log, seq: number): Promise<Reading> => writeAfter(log, seq, never)

const seed = 20250102

const drawnMasks = (size: number): ((at: number) => number) => {
  const random = seededRandom(seed)
  const masks = Array.from({ length: size }, () => random.between(1, 255))
  return at => masks[at] as number
}

const changes = [
  {
    what: 'by flipping its last bit',
    maskOf: () => () => 0x01,
    come: readAfter,
    comeAnew: refused,
    parts: [1, 2, 3, 4],
  },
  {
    what: `by flipping random bits (seed ${seed})`,
    maskOf: drawnMasks,
    come: refused,
    comeAnew: readAfter,
    parts: [1],
  },
]

describe.each(changes)('changing any byte of a log $what', ({ maskOf, parts, ...comers }) => {
  // Split into parts, because the whole exceeds the timeout of one test on a busy machine.
  it.each(parts)(
    'stops readers and writers at its line, after the decisions before it, and changes nothing else (decision %i and every fourth after it)',
    async first => {
      const bytes = await fullLog()
      const mask = maskOf(bytes.length)
      const decisions = decisionsOf(linesIn(bytes)).filter((_, i) => i % 4 === first - 1)
      for (const decision of decisions) await changeEachByteOf(decision, bytes, mask, comers)
    },
  )

  it('makes the last decision incomplete if it is the last newline', async () => {
    const bytes = await fullLog()
    const { lines, before } = decisionsOf(linesIn(bytes)).at(-1) as Decision
    const copy = logCopy()
    copy.hold(bytes)
    copy.put(bytes.length - 1, 0x0a ^ maskOf(bytes.length)(bytes.length - 1))
    const found = copy.bytes()
    expect(await inLog(copy.dir, log => readAfter(log, 0))).toEqual({
      text: textOf(before),
      end: before.length,
    })
    expect(copy.bytes().equals(found)).toBe(true)
    const time = '2025-01-02T00:00:00.000Z'
    const next = (seq: number): Event => ({ seq, event: 'resumed', kind: 'k', time })
    expect((await inLog(copy.dir, log => writeAfter(log, 0, next))).end).toBe('written')
    const start = lines[0]?.start as number
    expect(copy.bytes().subarray(0, start).equals(bytes.subarray(0, start))).toBe(true)
    expect(copy.torn()).toEqual(Buffer.concat([found.subarray(start), Buffer.from('\n')]))
  })
})
