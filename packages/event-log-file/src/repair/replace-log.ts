import { basename, dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { assertNumberedFrom, type IoFailed, type Numbered, type OutcomeUnknown } from '@claimlog/event-log'
import { openCursor, readToEnd } from '../read/cursor.ts'
import { loadCrypto } from '../format/load-crypto.ts'
import { type Position, sealLine } from '../format/line.ts'
import { type Disk, ownFile } from '../disk/disk.ts'
import { ioFailed } from '../disk/io-failure.ts'
import {
  appendAll,
  copyBytes,
  type OpenFile,
  type Place,
  quietly,
  type Source,
  withOpenFile,
} from '../disk/log-file.ts'
import type { Piece } from './sides.ts'
import { markOf } from '../commit/sync.ts'

/** The file next to the log for the damaged part that is cut off; a number is appended to the name. */
const quarantineFileName = 'events.quarantine'
const mostQuarantines = 10_000
/** The file of the new log while it is written. */
const repairingFileName = 'events.jsonl.repairing'
const writtenAtOnce = 64 * 1024

/** The part of a log that was cut off and is kept byte for byte. */
export type Quarantine = {
  /** The name of its file, next to the log. */
  readonly name: string
  /** The byte of the log at which it begins. */
  readonly offset: number
  readonly bytes: number
  /** The hash of the whole quarantine file, 64 hex digits. */
  readonly sha256: string
}

/** The part of a log that is kept, and the seq and hash of its last line. */
export type Kept = { readonly pieces: ReadonlyArray<Piece>; readonly seq: number; readonly hash: string }

/** The name of the first quarantine file that is free. Throws as the disk does. */
export const freeQuarantineName = (disk: Disk, logPath: string): string => {
  for (let n = 1; n < mostQuarantines; n += 1) {
    const name = `${quarantineFileName}.${n}`
    if (disk.stat(join(dirname(logPath), name)) === undefined) return name
  }
  throw Object.assign(new Error(`EEXIST: there are ${mostQuarantines - 1} quarantine files`), { code: 'EEXIST' })
}

/**
 * Replaces `log`, which is open, by a new log: the part in `ranges`, then the events that `record` returns, up to
 * `spentSeq` at least. The bytes between `cutFrom` and `size` are kept in a quarantine file. Under the lock of the log.
 *
 * At every instant the log is either the old one or the new one, even if the process or the machine dies: all of the
 * new one is on the disk before it gets the name. A failure leaves no files behind, as far as the disk allows.
 */
export const replaceLog = <A extends Numbered>(
  source: Source<A>,
  log: OpenFile,
  { pieces, seq: keptSeq, hash }: Kept,
  cutFrom: number,
  size: number,
  spentSeq: number,
  record: (quarantine: Quarantine) => Iterable<A>,
): E.Either<IoFailed | OutcomeUnknown, { readonly quarantine: Quarantine; readonly seq: number }> => {
  const { disk, path } = source
  const dir = dirname(path)
  let markPath = ''
  /** The files to remove if this fails. */
  let leftOvers: ReadonlyArray<string> = []
  const inNewFile = <B>(newPath: string, write: (file: OpenFile) => B): B =>
    withOpenFile(disk, newPath, 'create', file => {
      leftOvers = [...leftOvers, newPath]
      return filled(file, log, () => write(file))
    })
  let replaced: { readonly quarantine: Quarantine; readonly seq: number }
  try {
    const name = freeQuarantineName(disk, path)
    const sha256 = inNewFile(join(dir, name), quarantined => copyHashed(log, cutFrom, size, quarantined))
    const quarantine = { name, offset: cutFrom, bytes: size - cutFrom, sha256 }
    const begun = join(dir, repairingFileName)
    // An earlier repair that died may have left a file, or a link may have the name; a directory cannot be removed and
    // stays.
    if (disk.stat(begun) !== undefined) quietly(() => disk.remove(begun))
    const { path: repairingPath, isThere } = ownFile(disk, begun)
    if (isThere) disk.remove(repairingPath)
    const seq = inNewFile(repairingPath, repairing => {
      copyPieces(log, pieces, repairing)
      return appendEvents(source, repairing, { seq: keptSeq, hash }, spentSeq, record(quarantine))
    })
    assertSound(source, repairingPath, seq)
    replaced = { quarantine, seq }
    // If this process dies before the new name is on the disk, the next writer syncs it before it appends.
    markPath = markOf(disk, path).path
    withOpenFile(disk, markPath, 'append or create', () => undefined)
    disk.syncDirectory(dir)
    // From here on the quarantine may hold the only copy.
    leftOvers = [repairingPath]
    disk.rename(repairingPath, path)
  } catch (thrown) {
    for (const left of leftOvers) quietly(() => disk.remove(left))
    return E.left(ioFailed(path, 'repair', thrown))
  }
  const synced = syncRename(source)
  if (E.isRight(synced)) quietly(() => disk.remove(markPath))
  return E.map(() => replaced)(synced)
}

/** Makes the rename of the new log durable. */
export const syncRename = ({ disk, path }: Place): E.Either<OutcomeUnknown, void> =>
  E.tryCatch(
    () => disk.syncDirectory(dirname(path)),
    thrown => ({ failure: 'OutcomeUnknown', path, operation: 'syncing its directory', detail: String(thrown) }),
  )

/**
 * Runs `write` to fill a new file, then syncs it. The file gets the permissions of `like`, so no one else can read it.
 */
export const filled = <B>(file: OpenFile, like: OpenFile, write: () => B): B => {
  file.takeAfter(like)
  const written = write()
  file.datasync()
  return written
}

/** Appends byte ranges of `file` to `copy`. */
export const copyPieces = (file: OpenFile, pieces: ReadonlyArray<Piece>, copy: OpenFile): void => {
  for (const { from, to, newline } of pieces) {
    copyBytes(file, from, to, bytes => appendAll(copy, bytes))
    if (newline) appendAll(copy, Buffer.from('\n'))
  }
}

const copyHashed = (log: OpenFile, from: number, to: number, copy: OpenFile): string => {
  const hash = loadCrypto().createHash('sha256')
  copyBytes(log, from, to, bytes => {
    appendAll(copy, bytes)
    hash.update(bytes)
  })
  return hash.digest('hex')
}

/** Appends a line per event, chained to `end`; returns the last seq. */
const appendEvents = <A extends Numbered>(
  { codec }: Source<A>,
  file: OpenFile,
  end: Pick<Position, 'seq' | 'hash'>,
  spentSeq: number,
  events: Iterable<A>,
): number => {
  let { seq, hash } = end
  let text = ''
  for (const event of events) {
    assertNumberedFrom(seq, [event])
    const sealed = sealLine(hash, codec.encode(event), false)
    text += sealed.line
    if (text.length >= writtenAtOnce) {
      appendAll(file, Buffer.from(text))
      text = ''
    }
    ;({ seq } = event)
    hash = sealed.hash
  }
  if (seq < spentSeq) throw new RangeError(`the events end at ${seq}, but seqs up to ${spentSeq} may be in use`)
  appendAll(file, Buffer.from(text))
  return seq
}

/** Throws unless the file is a sound log up to `seq`: only a sound log may replace another. */
export const assertSound = <A extends Numbered>({ disk, codec }: Source<A>, path: string, seq: number): void => {
  const isSound = withOpenFile(disk, path, 'read', file => {
    const { size } = file.identity()
    const cursor = openCursor<A>(path, codec, () => undefined)
    return (
      E.isRight(readToEnd(cursor, file, size)) && cursor.position().seq === seq && cursor.position().offset === size
    )
  })
  if (!isSound)
    throw Object.assign(new Error(`EIO: ${basename(path)} does not read as it was written`), { code: 'EIO' })
}
