import { basename, dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { assertConsecutiveSeqs, type IoFailed, type Numbered, type OutcomeUnknown } from '@claimlog/event-log'
import { openChainReader, readToEnd } from '../read/chain-reader.ts'
import { loadCrypto } from '@claimlog/event-log-line'
import { type LogPosition, encodeLine } from '@claimlog/event-log-line'
import { type Disk, findOwnFile } from '../disk/disk.ts'
import { toIoFailed } from '../disk/io-failure.ts'
import {
  appendFully,
  forEachChunk,
  type OpenFile,
  ignoreSystemErrors,
  type LogContext,
  withOpenFile,
} from '../disk/log-file.ts'
import type { ByteRange } from './find-sides.ts'
import { prepareReplacement, renameToLog } from '../commit/rename-to-log.ts'

/** The file next to the log for the damaged part that is cut off; a number is appended to the name. */
const quarantineFileName = 'events.quarantine'
const quarantinesMax = 10_000
/** The file of the new log while it is written. */
const repairingFileName = 'events.jsonl.repairing'
const writeChunkBytes = 64 * 1024

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
export type KeptPart = { readonly ranges: ReadonlyArray<ByteRange>; readonly seq: number; readonly hash: string }

/** The name of the first quarantine file that is free. Throws as the disk does. */
export const findFreeQuarantineName = (disk: Disk, logPath: string): string => {
  for (let n = 1; n < quarantinesMax; n += 1) {
    const name = `${quarantineFileName}.${n}`
    if (disk.stat(join(dirname(logPath), name)) === undefined) return name
  }
  throw Object.assign(new Error(`EEXIST: there are ${quarantinesMax - 1} quarantine files`), { code: 'EEXIST' })
}

/**
 * Replaces `log`, which is open, by a new log: the part in `ranges`, then the events that `record` returns, up to
 * `spentSeq` at least. The bytes between `cutOffset` and `size` are kept in a quarantine file. Under the lock of the
 * log.
 *
 * At every instant the log is either the old one or the new one, even if the process or the machine dies: all of the
 * new one is on the disk before it gets the name. A failure leaves no files behind, as far as the disk allows.
 */
export const replaceLog = <A extends Numbered>(
  source: LogContext<A>,
  log: OpenFile,
  { ranges, seq: keptSeq, hash }: KeptPart,
  cutOffset: number,
  size: number,
  spentSeq: number,
  record: (quarantine: Quarantine) => Iterable<A>,
): E.Either<IoFailed | OutcomeUnknown, { readonly quarantine: Quarantine; readonly seq: number }> => {
  const { disk, path } = source
  const dir = dirname(path)
  /** The files to remove if this fails. */
  let cleanupPaths: ReadonlyArray<string> = []
  const writeNewFile = <B>(newPath: string, write: (file: OpenFile) => B): B =>
    withOpenFile(disk, newPath, 'create', file => {
      cleanupPaths = [...cleanupPaths, newPath]
      return fillAndSync(file, log, () => write(file))
    })
  try {
    const name = findFreeQuarantineName(disk, path)
    const sha256 = writeNewFile(join(dir, name), quarantineFile => copyAndHash(log, cutOffset, size, quarantineFile))
    const quarantine = { name, offset: cutOffset, bytes: size - cutOffset, sha256 }
    const firstRepairingPath = join(dir, repairingFileName)
    // An earlier repair that died may have left a file, or a link may have the name; a directory cannot be removed and
    // stays.
    if (disk.stat(firstRepairingPath) !== undefined) ignoreSystemErrors(() => disk.remove(firstRepairingPath))
    const { path: repairingPath, exists } = findOwnFile(disk, firstRepairingPath)
    if (exists) disk.remove(repairingPath)
    const seq = writeNewFile(repairingPath, repairingFile => {
      copyRanges(log, ranges, repairingFile)
      return appendEvents(source, repairingFile, { seq: keptSeq, hash }, spentSeq, record(quarantine))
    })
    assertSound(source, repairingPath, seq)
    const markPath = prepareReplacement(source)
    // From here on the quarantine may hold the only copy.
    cleanupPaths = [repairingPath]
    return E.map(() => ({ quarantine, seq }))(renameToLog(source, repairingPath, markPath))
  } catch (thrown) {
    for (const cleanupPath of cleanupPaths) ignoreSystemErrors(() => disk.remove(cleanupPath))
    return E.left(toIoFailed(path, 'repair', thrown))
  }
}

/**
 * Runs `write` to fill a new file, then syncs it. The file gets the permissions of `like`, so no one else can read it.
 */
export const fillAndSync = <B>(file: OpenFile, like: OpenFile, write: () => B): B => {
  file.copyOwnerAndMode(like)
  const writeResult = write()
  file.datasync()
  return writeResult
}

/** Appends byte ranges of `file` to `copy`. */
export const copyRanges = (file: OpenFile, ranges: ReadonlyArray<ByteRange>, copy: OpenFile): void => {
  for (const { from, to, newline } of ranges) {
    forEachChunk(file, from, to, bytes => appendFully(copy, bytes))
    if (newline) appendFully(copy, Buffer.from('\n'))
  }
}

const copyAndHash = (log: OpenFile, from: number, to: number, copy: OpenFile): string => {
  const hash = loadCrypto().createHash('sha256')
  forEachChunk(log, from, to, bytes => {
    appendFully(copy, bytes)
    hash.update(bytes)
  })
  return hash.digest('hex')
}

/** Appends a line per event, chained to `end`; returns the last seq. */
const appendEvents = <A extends Numbered>(
  { codec }: LogContext<A>,
  file: OpenFile,
  end: Pick<LogPosition, 'seq' | 'hash'>,
  spentSeq: number,
  events: Iterable<A>,
): number => {
  let { seq, hash } = end
  let text = ''
  for (const event of events) {
    assertConsecutiveSeqs(seq, [event])
    const encodedLine = encodeLine(hash, codec.encode(event), false)
    text += encodedLine.line
    if (text.length >= writeChunkBytes) {
      appendFully(file, Buffer.from(text))
      text = ''
    }
    ;({ seq } = event)
    hash = encodedLine.hash
  }
  if (seq < spentSeq) throw new RangeError(`the events end at ${seq}, but seqs up to ${spentSeq} may be in use`)
  appendFully(file, Buffer.from(text))
  return seq
}

/** Throws unless the file is a sound log up to `seq`: only a sound log may replace another. */
export const assertSound = <A extends Numbered>({ disk, codec }: LogContext<A>, path: string, seq: number): void => {
  const isSound = withOpenFile(disk, path, 'read', file => {
    const { size } = file.identity()
    const reader = openChainReader<A>(path, codec, () => undefined)
    return (
      E.isRight(readToEnd(reader, file, size)) && reader.position().seq === seq && reader.position().offset === size
    )
  })
  if (!isSound)
    throw Object.assign(new Error(`EIO: ${basename(path)} does not read as it was written`), { code: 'EIO' })
}
