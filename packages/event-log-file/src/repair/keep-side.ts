import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, Numbered, OutcomeUnknown, ReadFailure } from '@claimlog/event-log'
import type { Disk } from '../disk/disk.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { type LogFile, type Place, quietly, readWhole, type Source, withOpenFile } from '../disk/log-file.ts'
import { inLogFile, type RepairOptions, underLogLock } from './locked-log.ts'
import { readSide } from './read-side.ts'
import { type DamagedLog, readThrough, type RepairFailure, type SoundLog } from './repair.ts'
import { assertSound, copyPieces, filled, type Quarantine, replaceLog } from './replace-log.ts'
import { findSides, type Side, type Sides } from './sides.ts'

/** A side of a merged log, as a separate file next to it. */
export type SideFile = Pick<Side, 'label' | 'seq'> & { readonly path: string }

/** A log into which copies were merged, and its sides. */
export type MergedLog = Omit<Sides, 'sides' | 'commonEnd'> & {
  readonly log: 'merged'
  readonly path: string
  readonly damage: DamagedLog['damage']
  readonly sides: ReadonlyArray<SideFile>
}

/** A merged log that continues one of its sides, and now ends at `seq`. */
export type KeptSide = MergedLog & { readonly quarantine: Quarantine; readonly seq: number; readonly keptSeq: number }

/** The facts from which the caller makes the events that record which side is kept. */
export type KeepingSide<A> = {
  readonly keptSeq: number
  /** No side has a higher seq. */
  readonly spentSeq: number
  readonly damage: DamagedLog['damage']
  readonly quarantine: Quarantine
  readonly lastKept: A
}

type Damage = DamagedLog['damage']

/** True if the log's only damage is that copies of it were put into one file, or its line endings. */
const isMerge = ({ cause }: Damage): boolean =>
  cause === 'conflict_markers' || cause === 'merged_histories' || cause === 'line_endings'

/**
 * Finds the sides of a damaged log and the files to which they would be written. Changes nothing. undefined: the damage
 * was not caused by merged copies. Passes the events of side `n` (from 1) to `onEvents`.
 */
export const planSides = <A extends Numbered>(
  options: RepairOptions<A>,
  take: (side: number, events: ReadonlyArray<A>) => void,
): TE.TaskEither<ReadFailure, MergedLog | undefined> =>
  inLogFile(options, (source, file) => TE.fromIOEither(() => planNow(source, file, take)))

const planNow = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  take: (side: number, events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, MergedLog | undefined> =>
  pipe(
    lookForSides(source, file),
    E.map(found => (found.log === 'merged' ? found : undefined)),
    E.chainFirst(merge => readSides(source, file, merge?.sides.sides ?? [], take)),
    E.map(merge => merge && mergedLog(source, merge, (_, n) => sidePath(source.path, n, 1))),
  )

const readSides = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  sides: ReadonlyArray<Side>,
  take: (side: number, events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, unknown> =>
  pipe(
    sides,
    E.traverseArrayWithIndex((i, side) => readSide(source, file, side, events => take(i + 1, events))),
  )

/**
 * Continues a merged log with side `sideNumber` (from 1) and the events that `record` returns, numbered on up to the
 * last seq of any side at least. Every side is first written to a separate file next to the log, and all bytes after
 * the common part are kept in a quarantine file. If this fails, the log is unchanged.
 */
export const keepSide = <A extends Numbered>(
  options: RepairOptions<A>,
  keep: number,
  record: (keeping: KeepingSide<A>) => Iterable<A>,
): TE.TaskEither<RepairFailure, SoundLog | KeptSide | undefined> =>
  inLogFile(options, (source, file) =>
    underLogLock(source, file, options.lockTimeoutMs, () => keepNow(source, file, keep, record)),
  )

const keepNow = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  keep: number,
  record: (keeping: KeepingSide<A>) => Iterable<A>,
): E.Either<ReadFailure | OutcomeUnknown, SoundLog | KeptSide | undefined> =>
  pipe(
    lookForSides(source, file),
    E.chain((found): E.Either<ReadFailure | OutcomeUnknown, SoundLog | KeptSide | undefined> => {
      if (found.log === 'sound') return E.right(found)
      const side = found.log === 'merged' ? found.sides.sides[keep - 1] : undefined
      return found.log === 'damaged' || side === undefined
        ? E.right(undefined)
        : replaceBySide(source, file, found, side, record)
    }),
  )

const replaceBySide = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  merge: Merge,
  side: Side,
  record: (keeping: KeepingSide<A>) => Iterable<A>,
): E.Either<ReadFailure | OutcomeUnknown, KeptSide> => {
  const { damage, sides } = merge
  const spentSeq = Math.max(...sides.sides.map(({ seq }) => seq))
  return pipe(
    readLast(source, file, side),
    E.bindTo('lastKept'),
    E.bindW('merged', () => writeSides(source, file, merge)),
    E.bindW('replaced', ({ lastKept }) =>
      replaceLog(source, file.current(), side, sides.commonEnd, file.size(), spentSeq, quarantine =>
        record({ keptSeq: side.seq, spentSeq, damage, quarantine, lastKept }),
      ),
    ),
    E.map(({ merged, replaced }) => ({ ...merged, ...replaced, keptSeq: side.seq })),
  )
}

/** The last event of a side. */
const readLast = <A extends Numbered>(source: Source<A>, file: LogFile, side: Side): E.Either<ReadFailure, A> => {
  let last: A | undefined
  const read = readSide(source, file, side, events => {
    last = events.at(-1)
  })
  return E.map(() => last as A)(read)
}

const writeSides = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  merge: Merge,
): E.Either<IoFailed, MergedLog> =>
  E.tryCatch(
    () => {
      const merged = mergedLog(source, merge, (each, n) => writeSide(source, file, each, n))
      source.disk.syncDirectory(dirname(source.path))
      return merged
    },
    thrown => ioFailed(source.path, 'write the sides of', thrown),
  )

type Merge = { readonly log: 'merged'; readonly damage: Damage; readonly sides: Sides }

type Looked = SoundLog | Merge | { readonly log: 'damaged' }

const lookForSides = <A extends Numbered>(source: Source<A>, file: LogFile): E.Either<ReadFailure, Looked> =>
  pipe(
    readThrough(source, file, () => undefined),
    E.chain(found => (found.log === 'sound' ? E.right(found) : findMerge(source, file, found.damaged.damage))),
  )

const findMerge = ({ path }: Place, file: LogFile, damage: Damage): E.Either<IoFailed, Looked> =>
  E.tryCatch(
    () => {
      const sides = isMerge(damage) ? findSides(file.current(), file.size()) : undefined
      return sides === undefined || sides.sides.length === 0 ? { log: 'damaged' } : { log: 'merged', damage, sides }
    },
    thrown => ioFailed(path, 'read', thrown),
  )

const mergedLog = (
  { path }: Place,
  { damage, sides: { sides, commonSeq, strayLines } }: Merge,
  pathOf: (side: Side, n: number) => string,
): MergedLog => ({
  ...{ log: 'merged', path, damage, commonSeq, strayLines },
  sides: sides.map((side, i) => ({ label: side.label, seq: side.seq, path: pathOf(side, i + 1) })),
})

/** The path of the file for side `n`; `copy`: from 1, higher if files of that name exist. */
const sidePath = (logPath: string, n: number, copy: number): string =>
  join(dirname(logPath), `events.side-${n}${copy === 1 ? '' : `.${copy}`}.jsonl`)

/** Writes a side to the first file name that is free or has the same content; returns its path. */
const writeSide = <A extends Numbered>(source: Source<A>, file: LogFile, side: Side, n: number): string => {
  const { disk } = source
  const temporary = `${sidePath(source.path, n, 1)}.tmp`
  quietly(() => disk.remove(temporary))
  withOpenFile(disk, temporary, 'create', copy =>
    filled(copy, file.current(), () => copyPieces(file.current(), side.pieces, copy)),
  )
  assertSound(source, temporary, side.seq)
  for (let copy = 1; ; copy += 1) {
    const path = sidePath(source.path, n, copy)
    const there = disk.stat(path)
    if (there === undefined) disk.rename(temporary, path)
    else if (!isSame(disk, temporary, path)) continue
    else disk.remove(temporary)
    return path
  }
}

const isSame = (disk: Disk, a: string, b: string): boolean => {
  const bytes = (path: string): Buffer =>
    withOpenFile(disk, path, 'read', file => {
      const { size, regular } = file.identity()
      return readWhole(file, Buffer.alloc(regular ? size : 0), 0)
    })
  return bytes(a).equals(bytes(b))
}
