import { describe, expect, it } from 'vitest'
import { decisions, repair, findLineStart } from '../../testing/damaged-log.ts'
import { createDirectoryFromBytes, formatLine, buildLog, expectRight } from '../../testing/sample-log.ts'

type DamagedPartCase = {
  readonly what: string
  readonly edit: (sound: Buffer) => Buffer
  readonly keptSeq: number
  readonly spentSeq: number
}

const sliceFromLine = (sound: Buffer, line: number): Buffer => sound.subarray(findLineStart(sound, line))
const sliceToLine = (sound: Buffer, line: number): Buffer => sound.subarray(0, findLineStart(sound, line))

/** The log with all bytes of lines `first` to `last`, both included, replaced by `filler`. */
const fillLines = (sound: Buffer, first: number, last: number, filler: number): Buffer =>
  Buffer.from(sound).fill(filler, findLineStart(sound, first), findLineStart(sound, last + 1) - 1)

/** A line that is chained to none of this log, and another one chained to it. */
const buildChainedPair = (seq: number): Buffer => {
  const first = formatLine('0'.repeat(32), `{"seq":${seq},"event":"said","word":"x"}`)
  const second = formatLine(first.hash, `{"seq":${seq + 1},"event":"said","word":"x"}`)
  return Buffer.from(first.line + second.line)
}

/** Twelve seqs were used; 60 bytes contain at most one line. */
const damages: ReadonlyArray<DamagedPartCase> = [
  {
    what: 'a line is missing',
    edit: sound => Buffer.concat([sliceToLine(sound, 6), sliceFromLine(sound, 7)]),
    ...{ keptSeq: 5, spentSeq: 12 },
  },
  { what: 'only the last two lines are left', edit: sound => sliceFromLine(sound, 11), keptSeq: 0, spentSeq: 12 },
  {
    what: 'lines and their newlines are zeros, and lines after them are not',
    edit: sound => fillLines(sound, 5, 8, 0),
    ...{ keptSeq: 4, spentSeq: 12 },
  },
  {
    what: 'the last lines and their newlines are zeros',
    edit: sound => fillLines(sound, 5, 12, 0),
    ...{ keptSeq: 4, spentSeq: 16 },
  },
  {
    what: 'the last lines and their newlines are some text',
    edit: sound => fillLines(sound, 5, 12, 0x61),
    ...{ keptSeq: 4, spentSeq: 16 },
  },
  {
    what: 'a copy of the log follows it',
    edit: sound => Buffer.concat([sound, sound.subarray(findLineStart(sound, 2))]),
    ...{ keptSeq: 12, spentSeq: 14 },
  },
  {
    what: 'blank lines follow it',
    edit: sound => Buffer.concat([sound, Buffer.from('\n\n\n')]),
    ...{ keptSeq: 12, spentSeq: 13 },
  },
  {
    what: 'lines of a much longer log follow it',
    edit: sound => Buffer.concat([sound, buildChainedPair(5000)]),
    ...{ keptSeq: 12, spentSeq: 5001 },
  },
  {
    what: 'lines that no log can have follow it',
    edit: sound => Buffer.concat([sound, buildChainedPair(2 ** 50)]),
    ...{ keptSeq: 12, spentSeq: 16 },
  },
]

describe('the seqs that are not used again', () => {
  it.each(damages)('are those that may have been used if $what', async ({ edit, keptSeq, spentSeq }) => {
    const dir = createDirectoryFromBytes(edit(await buildLog(decisions)))
    expect(expectRight(await repair(dir))).toMatchObject({ keptSeq, spentSeq, seq: spentSeq })
  })

  it('are counted without reading a part without lines into memory at once', async () => {
    const sound = await buildLog(decisions)
    const junk = Buffer.alloc(3 * 1024 * 1024, 0x61)
    const dir = createDirectoryFromBytes(Buffer.concat([sliceToLine(sound, 12), junk, sliceFromLine(sound, 12)]))
    expect(expectRight(await repair(dir))).toMatchObject({ keptSeq: 9, lines: 3, spentSeq: 52_442 })
  })
})
