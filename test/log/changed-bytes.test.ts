import { describe, expect, it } from 'vitest'
import type { Event } from '@claimlog/domain'
import { writeSampleLog, type SampleLog } from './sample-log.ts'
import { withLog, createLogCopy, type ReadResult, readLog, appendEvent } from './log-copy.ts'
import { splitLines, type LineSpan, joinLines, countCompleteLines } from './log-lines.ts'
import { seededRandom } from '../programs/seeded-random.mjs'
import { chooseCount } from '../support/machine/select-cases.ts'

/** The lines of a decision, and the complete lines before it. */
type LoggedDecision = { readonly lines: ReadonlyArray<LineSpan>; readonly before: ReadonlyArray<LineSpan> }

const splitDecisions = (lines: ReadonlyArray<LineSpan>): ReadonlyArray<LoggedDecision> =>
  lines
    .filter(({ more }) => !more)
    .map(last => {
      const before = lines.slice(0, countCompleteLines(lines, last.start))
      return { lines: lines.slice(before.length, lines.indexOf(last) + 1), before }
    })

const unexpectedWrite = (): Event => {
  throw new Error('a writer was not stopped')
}

/** The result of a reader that must be stopped, as one text, because it is compared some 100,000 times. */
const formatReading = ({ text, end }: ReadResult): string => {
  if (typeof end !== 'object' || end === null || !('detail' in end)) return `${text}${String(end)}`
  const { detail, ...description } = end
  return `${text}${JSON.stringify(description)} ${typeof detail === 'string' && detail !== '' ? 'with a reason' : ''}`
}

/** The operations that find a changed byte: in a log that was read up to it, and in a newly opened log. */
type LogOperations = {
  readonly continueReading: (log: SampleLog, seq: number) => Promise<ReadResult>
  readonly openAndRead: (log: SampleLog, seq: number) => Promise<ReadResult>
}

/** Checks that changing any byte of a decision by `mask` stops every operation at its line; not the last newline. */
const checkEachByte = async (
  { lines, before }: LoggedDecision,
  bytes: Buffer,
  mask: (position: number) => number,
  { continueReading, openAndRead }: LogOperations,
): Promise<void> => {
  const copy = createLogCopy()
  const [seq, start] = [before.length, before.at(-1)?.end ?? 0]
  copy.replace(bytes, start)
  await withLog(copy.dir, async log => {
    expect(await readLog(log, 0)).toEqual({ text: joinLines(before), end: seq })
    copy.replace(bytes)
    for (const [i, line] of lines.entries()) {
      const place = { failure: 'LogDamaged', path: copy.path, line: seq + i + 1, offset: line.start }
      const damageText = `${JSON.stringify(place)} with a reason`
      for (let position = line.start; position < line.end && position < bytes.length - 1; position += 1) {
        const changed = (bytes[position] as number) ^ mask(position)
        const description = `byte ${position} made ${changed}`
        copy.setByte(position, changed)
        expect(formatReading(await continueReading(log, seq)), description).toBe(damageText)
        if (position % openInterval === 3)
          expect(formatReading(await withLog(copy.dir, newLog => openAndRead(newLog, 0))), description).toBe(
            `${joinLines(before)}${damageText}`,
          )
        expect(copy.getByte(position), description).toBe(changed)
        copy.setByte(position, bytes[position] as number)
      }
    }
  })
  expect(copy.readBytes().equals(bytes)).toBe(true)
  expect(copy.readTorn()).toBe(undefined)
}

/** Opening the log reads all of it, which takes a hundred times as long as continuing to read. */
const openInterval = chooseCount(16, 48)

const tryWrite = (log: SampleLog, seq: number): Promise<ReadResult> => appendEvent(log, seq, unexpectedWrite)

const seed = 20250102

const randomMasks = (size: number): ((position: number) => number) => {
  const random = seededRandom(seed)
  const masks = Array.from({ length: size }, () => random.between(1, 255))
  return position => masks[position] as number
}

const changes = [
  {
    what: 'by flipping its last bit',
    createMask: () => () => 0x01,
    continueReading: readLog,
    openAndRead: tryWrite,
    parts: [1, 2, 3, 4],
  },
  {
    what: `by flipping random bits (seed ${seed})`,
    createMask: randomMasks,
    continueReading: tryWrite,
    openAndRead: readLog,
    parts: [1],
  },
]

describe.each(changes)('changing any byte of a log $what', ({ createMask, parts, ...operations }) => {
  // Split into parts, because the whole exceeds the timeout of one test on a busy machine.
  it.each(parts)(
    'stops readers and writers at its line, after the decisions before it, and changes nothing else (decision %i and every fourth after it)',
    async first => {
      const bytes = await writeSampleLog()
      const mask = createMask(bytes.length)
      const decisions = splitDecisions(splitLines(bytes)).filter((_, i) => i % 4 === first - 1)
      for (const decision of decisions) await checkEachByte(decision, bytes, mask, operations)
    },
  )

  it('makes the last decision incomplete if it is the last newline', async () => {
    const bytes = await writeSampleLog()
    const { lines, before } = splitDecisions(splitLines(bytes)).at(-1) as LoggedDecision
    const copy = createLogCopy()
    copy.replace(bytes)
    copy.setByte(bytes.length - 1, 0x0a ^ createMask(bytes.length)(bytes.length - 1))
    const originalBytes = copy.readBytes()
    expect(await withLog(copy.dir, log => readLog(log, 0))).toEqual({
      text: joinLines(before),
      end: before.length,
    })
    expect(copy.readBytes().equals(originalBytes)).toBe(true)
    const time = '2025-01-02T00:00:00.000Z'
    const nextEvent = (seq: number): Event => ({ seq, event: 'resumed', kind: 'k', time })
    expect((await withLog(copy.dir, log => appendEvent(log, 0, nextEvent))).end).toBe('written')
    const start = lines[0]?.start as number
    expect(copy.readBytes().subarray(0, start).equals(bytes.subarray(0, start))).toBe(true)
    expect(copy.readTorn()).toEqual(Buffer.concat([originalBytes.subarray(start), Buffer.from('\n')]))
  })
})
