import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, LockTimeout, LogDamaged, Numbered, OutcomeUnknown, ReadFailure } from '@claimlog/event-log'
import { openCursor, readToEnd } from '../read/cursor.ts'
import { type Position, startOfLog } from '../format/line.ts'
import { type CutOffPart, cutOffPart } from './cut-off-part.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { inLogFile, type RepairOptions, underLogLock } from './locked-log.ts'
import type { LogFile, Place, Source } from '../disk/log-file.ts'
import { readAfter } from '../read/reader.ts'
import { freeQuarantineName, type Kept, type Quarantine, replaceLog } from './replace-log.ts'

/** A log without damage. The next writer handles the `unfinishedBytes` at its end. */
export type SoundLog = { readonly log: 'sound'; readonly seq: number; readonly unfinishedBytes: number }

/** A damaged log, and the position where a repair cuts it: after its last whole decision before the damage. */
export type DamagedLog = CutOffPart & {
  readonly log: 'damaged'
  readonly path: string
  /** The damage, as reading the log reports it. */
  readonly damage: Pick<LogDamaged, 'line' | 'offset' | 'detail' | 'cause'>
  /** The last event that is kept; 0: none. */
  readonly keptSeq: number
  /** The byte where the log is cut, and the number of bytes from there to its end. */
  readonly from: number
  readonly bytes: number
}

/** The plan of a repair: the damage, and the quarantine file for everything from there on. */
export type RepairPlan = DamagedLog & { readonly quarantinePath: string }

/** The facts from which the caller makes the events that record a repair. */
export type Repair<A> = {
  readonly damaged: DamagedLog
  readonly quarantine: Quarantine
  /** The last event that is kept. */
  readonly lastKept: A | undefined
}

/** A repaired log, which now ends at `seq`. */
export type RepairedLog = DamagedLog & { readonly quarantine: Quarantine; readonly seq: number }

export type RepairFailure = ReadFailure | LockTimeout | OutcomeUnknown

/**
 * Reads a log from its first line and returns what a repair would do. Changes nothing. Passes the events of a damaged
 * log that would be kept to `onEvents`.
 */
export const planRepair = <A extends Numbered>(
  options: RepairOptions<A>,
  take: (events: ReadonlyArray<A>) => void,
): TE.TaskEither<ReadFailure, SoundLog | RepairPlan> =>
  inLogFile(options, (source, file) =>
    pipe(
      readUnlocked(source, file),
      // What seems damaged without the lock is read again, because a writer may have been busy.
      TE.orElse(failure =>
        failure.failure === 'LogDamaged' ? TE.fromIOEither(() => planNow(source, file, take)) : TE.left(failure),
      ),
    ),
  )

const readUnlocked =
  <A extends Numbered>(source: Source<A>, file: LogFile): TE.TaskEither<ReadFailure, SoundLog | RepairPlan> =>
  async () => {
    const read = await readAfter(source, 0, startOfLog, () => undefined)()
    return pipe(
      file.refresh(),
      E.chainW(() => read),
      E.map(end => soundLog(end, file)),
    )
  }

const planNow = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  take: (events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, SoundLog | RepairPlan> =>
  pipe(
    readThrough(source, file, take),
    E.chain((found): E.Either<ReadFailure, SoundLog | RepairPlan> =>
      found.log === 'sound' ? E.right(found) : planQuarantine(source, found.damaged),
    ),
  )

const planQuarantine = ({ disk, path }: Place, damaged: DamagedLog): E.Either<IoFailed, RepairPlan> =>
  E.tryCatch(
    () => ({ ...damaged, quarantinePath: join(dirname(path), freeQuarantineName(disk, path)) }),
    thrown => ioFailed(path, 'repair', thrown),
  )

/**
 * Repairs a log: moves everything from its damage on to a quarantine file next to it, byte for byte, and continues the
 * log with the events that `record` returns, numbered on from the last kept one and up to `spentSeq` at least. A sound
 * log is not changed. If the repair fails, the log is unchanged.
 */
export const repairFileLog = <A extends Numbered>(
  options: RepairOptions<A>,
  record: (repair: Repair<A>) => Iterable<A>,
): TE.TaskEither<RepairFailure, SoundLog | RepairedLog> =>
  inLogFile(options, (source, file) =>
    underLogLock(source, file, options.lockTimeoutMs, () => repairNow(source, file, record)),
  )

/** Repairs the open log, under its lock. */
const repairNow = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  record: (repair: Repair<A>) => Iterable<A>,
): E.Either<ReadFailure | OutcomeUnknown, SoundLog | RepairedLog> => {
  let lastKept: A | undefined
  return pipe(
    readThrough(source, file, events => {
      lastKept = events.at(-1)
    }),
    E.chain((found): E.Either<ReadFailure | OutcomeUnknown, SoundLog | RepairedLog> =>
      found.log === 'sound'
        ? E.right(found)
        : cutLog(source, file, found, quarantine => record({ damaged: found.damaged, quarantine, lastKept })),
    ),
  )
}

/** Continues the log after its last whole decision. */
const cutLog = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  { damaged, end }: Damaged,
  record: (quarantine: Quarantine) => Iterable<A>,
): E.Either<IoFailed | OutcomeUnknown, RepairedLog> => {
  const kept: Kept = { ...end, pieces: [{ from: 0, to: end.offset, newline: false }] }
  return pipe(
    replaceLog(source, file.current(), kept, end.offset, file.size(), damaged.spentSeq, record),
    E.map(replaced => ({ ...damaged, ...replaced })),
  )
}

export type Damaged = { readonly log: 'damaged'; readonly damaged: DamagedLog; readonly end: Position }

/** Reads the open log from its first line up to its end or its damage. */
export const readThrough = <A extends Numbered>(
  { path, codec }: Source<A>,
  file: LogFile,
  take: (events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, SoundLog | Damaged> => {
  const cursor = openCursor<A>(path, codec, take)
  return pipe(
    readToEnd(cursor, file.current(), file.size()),
    E.map((): SoundLog | Damaged => soundLog(cursor.position(), file)),
    E.orElse(failure =>
      failure.failure === 'LogDamaged' ? describeDamage(failure, cursor.position(), file) : E.left(failure),
    ),
  )
}

const describeDamage = (
  { path, line, offset, detail, cause }: LogDamaged,
  end: Position,
  file: LogFile,
): E.Either<ReadFailure, Damaged> =>
  E.tryCatch(
    () => {
      const part = cutOffPart(file.current(), end, file.size())
      const cut = { keptSeq: end.seq, from: end.offset, bytes: file.size() - end.offset }
      const damage = { line, offset, detail, ...(cause && { cause }) }
      return { log: 'damaged', damaged: { log: 'damaged', path, damage, ...cut, ...part }, end }
    },
    thrown => ioFailed(path, 'read', thrown),
  )

const soundLog = ({ seq, offset }: Position, file: LogFile): SoundLog => ({
  log: 'sound',
  seq,
  unfinishedBytes: Math.max(0, file.size() - offset),
})
