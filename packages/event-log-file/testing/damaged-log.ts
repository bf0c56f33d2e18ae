import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type * as E from 'fp-ts/lib/Either.js'
import type { Sample } from '@claimlog/event-log/conformance'
import type { RepairOptions } from '../src/repair/locked-log.ts'
import { type Repair, type RepairedLog, repairFileLog, type SoundLog } from '../src/repair/repair.ts'
import { bytesAsText, lastHash, lineOf, sampleCodec, said } from './sample-log.ts'

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
export const startOf = (bytes: Buffer, line: number): number => {
  let start = 0
  for (let n = 1; n < line; n += 1) start = bytes.indexOf(0x0a, start) + 1
  return start
}

/** Makes a `lost` event for each event that may have been lost. */
const recordLost = ({ damaged: { keptSeq, spentSeq } }: Repair<Sample>): Iterable<Sample> =>
  said(keptSeq, Array<string>(spentSeq - keptSeq).fill('lost'))

/** Repairs the log in `dir`. */
export const repair = (
  dir: string,
  options: Partial<RepairOptions<Sample>> = {},
): Promise<E.Either<unknown, SoundLog | RepairedLog>> =>
  repairFileLog({ dir, codec: sampleCodec, ...options }, recordLost)()

/** The text of a repaired log, made without the log's code: the bytes `keptBytes`, then `lost` events up to `spentSeq`. */
export const repairedText = (kept: Buffer, keptSeq: number, spentSeq: number): string => {
  let text = ''
  let hash = kept.length === 0 ? '' : lastHash(kept)
  for (let seq = keptSeq + 1; seq <= spentSeq; seq += 1) {
    const sealed = lineOf(hash, `{"seq":${seq},"event":"said","word":"lost"}`)
    text += sealed.line
    ;({ hash } = sealed)
  }
  return bytesAsText(kept) + text
}

/** The files in a directory other than the log, as text. */
export const besideTheLog = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(dir)
      .filter(name => name !== 'events.jsonl')
      .map(name => [name, bytesAsText(readFileSync(join(dir, name)))]),
  )
