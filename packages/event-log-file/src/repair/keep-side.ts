import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, Numbered, OutcomeUnknown, ReadFailure } from '@claimlog/event-log'
import type { Disk } from '../disk/disk.ts'
import { toIoFailed } from '../disk/io-failure.ts'
import {
  type LogFile,
  type FileContext,
  ignoreSystemErrors,
  readFully,
  type LogContext,
  withOpenFile,
} from '../disk/log-file.ts'
import { withLogFile, type RepairOptions, runUnderLogLock } from './locked-log.ts'
import { readSide } from './read-side.ts'
import { type DamagedLog, readWholeLog, type RepairFailure, type SoundLog } from './repair.ts'
import { assertSound, copyRanges, fillAndSync, type Quarantine, replaceLog } from './replace-log.ts'
import { findSides, type Side, type Sides } from './find-sides.ts'

/** A side of a merged log, as a separate file next to it. */
export type SideFile = Pick<Side, 'label' | 'seq'> & { readonly path: string }

/** A log into which copies were merged, and its sides. */
export type MergedLog = Omit<Sides, 'sides' | 'commonEnd'> & {
  readonly _tag: 'merged'
  readonly path: string
  readonly damage: DamagedLog['damage']
  readonly sides: ReadonlyArray<SideFile>
}

/** A merged log that continues one of its sides, and now ends at `seq`. */
export type KeptSide = MergedLog & { readonly quarantine: Quarantine; readonly seq: number; readonly keptSeq: number }

/** The facts from which the caller makes the events that record which side is kept. */
export type KeepSideFacts<A> = {
  readonly keptSeq: number
  /** No side has a higher seq. */
  readonly spentSeq: number
  readonly damage: DamagedLog['damage']
  readonly quarantine: Quarantine
  readonly lastKept: A
}

type LogDamage = DamagedLog['damage']

/** True if the log's only damage is that copies of it were put into one file, or its line endings. */
const isMergeDamage = ({ cause }: LogDamage): boolean =>
  cause === 'conflict_markers' || cause === 'merged_histories' || cause === 'line_endings'

/**
 * Finds the sides of a damaged log and the files to which they would be written. Changes nothing. undefined: the damage
 * was not caused by merged copies. Passes the events of side `n` (from 1) to `onEvents`.
 */
export const planSides = <A extends Numbered>(
  options: RepairOptions<A>,
  onEvents: (side: number, events: ReadonlyArray<A>) => void,
): TE.TaskEither<ReadFailure, MergedLog | undefined> =>
  withLogFile(options, (source, file) => TE.fromIOEither(() => planNow(source, file, onEvents)))

const planNow = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  onEvents: (side: number, events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, MergedLog | undefined> =>
  pipe(
    inspectSides(source, file),
    E.map(inspection => (inspection._tag === 'merged' ? inspection : undefined)),
    E.chainFirst(merge => readSides(source, file, merge?.sides.sides ?? [], onEvents)),
    E.map(merge => merge && mergedLog(source, merge, (_, n) => sidePath(source.path, n, 1))),
  )

const readSides = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  sides: ReadonlyArray<Side>,
  onEvents: (side: number, events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, unknown> =>
  pipe(
    sides,
    E.traverseArrayWithIndex((i, side) => readSide(source, file, side, events => onEvents(i + 1, events))),
  )

/**
 * Continues a merged log with side `sideNumber` (from 1) and the events that `record` returns, numbered on up to the
 * last seq of any side at least. Every side is first written to a separate file next to the log, and all bytes after
 * the common part are kept in a quarantine file. If this fails, the log is unchanged.
 */
export const keepSide = <A extends Numbered>(
  options: RepairOptions<A>,
  sideNumber: number,
  record: (facts: KeepSideFacts<A>) => Iterable<A>,
): TE.TaskEither<RepairFailure, SoundLog | KeptSide | undefined> =>
  withLogFile(options, (source, file) =>
    runUnderLogLock(source, file, options.lockTimeoutMs, () => keepNow(source, file, sideNumber, record)),
  )

const keepNow = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  sideNumber: number,
  record: (facts: KeepSideFacts<A>) => Iterable<A>,
): E.Either<ReadFailure | OutcomeUnknown, SoundLog | KeptSide | undefined> =>
  pipe(
    inspectSides(source, file),
    E.chain((inspection): E.Either<ReadFailure | OutcomeUnknown, SoundLog | KeptSide | undefined> => {
      if (inspection._tag === 'sound') return E.right(inspection)
      const side = inspection._tag === 'merged' ? inspection.sides.sides[sideNumber - 1] : undefined
      return inspection._tag === 'damaged' || side === undefined
        ? E.right(undefined)
        : replaceWithSide(source, file, inspection, side, record)
    }),
  )

const replaceWithSide = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  merge: SideMerge,
  side: Side,
  record: (facts: KeepSideFacts<A>) => Iterable<A>,
): E.Either<ReadFailure | OutcomeUnknown, KeptSide> => {
  const { damage, sides } = merge
  const spentSeq = Math.max(...sides.sides.map(({ seq }) => seq))
  return pipe(
    readLastEvent(source, file, side),
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
const readLastEvent = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  side: Side,
): E.Either<ReadFailure, A> => {
  let last: A | undefined
  const readResult = readSide(source, file, side, events => {
    last = events.at(-1)
  })
  return E.map(() => last as A)(readResult)
}

const writeSides = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  merge: SideMerge,
): E.Either<IoFailed, MergedLog> =>
  E.tryCatch(
    () => {
      const merged = mergedLog(source, merge, (side, n) => writeSide(source, file, side, n))
      source.disk.syncDirectory(dirname(source.path))
      return merged
    },
    thrown => toIoFailed(source.path, 'write the sides of', thrown),
  )

type SideMerge = { readonly _tag: 'merged'; readonly damage: LogDamage; readonly sides: Sides }

type SideInspection = SoundLog | SideMerge | { readonly _tag: 'damaged' }

const inspectSides = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
): E.Either<ReadFailure, SideInspection> =>
  pipe(
    readWholeLog(source, file, () => undefined),
    E.chain(inspection =>
      inspection._tag === 'sound' ? E.right(inspection) : findMerge(source, file, inspection.damaged.damage),
    ),
  )

const findMerge = ({ path }: FileContext, file: LogFile, damage: LogDamage): E.Either<IoFailed, SideInspection> =>
  E.tryCatch(
    () => {
      const sides = isMergeDamage(damage) ? findSides(file.current(), file.size()) : undefined
      return sides === undefined || sides.sides.length === 0 ? { _tag: 'damaged' } : { _tag: 'merged', damage, sides }
    },
    thrown => toIoFailed(path, 'read', thrown),
  )

const mergedLog = (
  { path }: FileContext,
  { damage, sides: { sides, commonSeq, strayLines } }: SideMerge,
  toPath: (side: Side, n: number) => string,
): MergedLog => ({
  ...{ _tag: 'merged', path, damage, commonSeq, strayLines },
  sides: sides.map((side, i) => ({ label: side.label, seq: side.seq, path: toPath(side, i + 1) })),
})

/** The path of the file for side `n`; `copy`: from 1, higher if files of that name exist. */
const sidePath = (logPath: string, n: number, copy: number): string =>
  join(dirname(logPath), `events.side-${n}${copy === 1 ? '' : `.${copy}`}.jsonl`)

/** Writes a side to the first file name that is free or has the same content; returns its path. */
const writeSide = <A extends Numbered>(source: LogContext<A>, file: LogFile, side: Side, n: number): string => {
  const { disk } = source
  const temporary = `${sidePath(source.path, n, 1)}.tmp`
  ignoreSystemErrors(() => disk.remove(temporary))
  withOpenFile(disk, temporary, 'create', copy =>
    fillAndSync(copy, file.current(), () => copyRanges(file.current(), side.ranges, copy)),
  )
  assertSound(source, temporary, side.seq)
  for (let copy = 1; ; copy += 1) {
    const path = sidePath(source.path, n, copy)
    const existing = disk.stat(path)
    if (existing === undefined) disk.rename(temporary, path)
    else if (!isSame(disk, temporary, path)) continue
    else disk.remove(temporary)
    return path
  }
}

const isSame = (disk: Disk, a: string, b: string): boolean => {
  const readBytes = (path: string): Buffer =>
    withOpenFile(disk, path, 'read', file => {
      const { size, regular } = file.identity()
      return readFully(file, Buffer.alloc(regular ? size : 0), 0)
    })
  return readBytes(a).equals(readBytes(b))
}
