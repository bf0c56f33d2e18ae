import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type * as E from 'fp-ts/lib/Either.js'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import type { RepairOptions } from '../src/repair/locked-log.ts'
import { type RepairFacts, type RepairedLog, repairFileLog, type SoundLog } from '../src/repair/repair.ts'
import { bytesAsText, lastHash, formatLine, sampleCodec, wordEvents } from './sample-log.ts'

/** Twelve lines; the last three are one decision. */
export const decisions = [
  ['one'],
  ['zwölf'],
  ['three', 'three and a half'],
  ['日本語'],
  ['six'],
  ['🦊'],
  ['eight'],
  ['nine'],
  ['ten', 'elf', 'twelve'],
]

/** The byte at which a line (from 1) starts. */
export const findLineStart = (bytes: Buffer, line: number): number => {
  let start = 0
  for (let n = 1; n < line; n += 1) start = bytes.indexOf(0x0a, start) + 1
  return start
}

/** Makes a `lost` event for each event that may have been lost. */
const recordLost = ({ damaged: { keptSeq, spentSeq } }: RepairFacts<SampleEvent>): Iterable<SampleEvent> =>
  wordEvents(keptSeq, Array<string>(spentSeq - keptSeq).fill('lost'))

/** Repairs the log in `dir`. */
export const repair = (
  dir: string,
  options: Partial<RepairOptions<SampleEvent>> = {},
): Promise<E.Either<unknown, SoundLog | RepairedLog>> =>
  repairFileLog({ dir, codec: sampleCodec, ...options }, recordLost)()

/** The text of a repaired log, made without the log's code: `keptBytes`, then `lost` events up to `spentSeq`. */
export const formatRepairedLog = (keptBytes: Buffer, keptSeq: number, spentSeq: number): string => {
  let text = ''
  let hash = keptBytes.length === 0 ? '' : lastHash(keptBytes)
  for (let seq = keptSeq + 1; seq <= spentSeq; seq += 1) {
    const formatted = formatLine(hash, `{"seq":${seq},"event":"said","word":"lost"}`)
    text += formatted.line
    ;({ hash } = formatted)
  }
  return bytesAsText(keptBytes) + text
}

/** The files in a directory other than the log, as text. */
export const readOtherFiles = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(dir)
      .filter(name => name !== 'events.jsonl')
      .map(name => [name, bytesAsText(readFileSync(join(dir, name)))]),
  )
