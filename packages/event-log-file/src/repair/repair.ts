import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, LockTimeout, LogDamaged, Numbered, OutcomeUnknown, ReadFailure } from '@claimlog/event-log'
import { openChainReader, readToEnd } from '../read/chain-reader.ts'
import { type LogPosition, startOfLog } from '@claimlog/event-log-line'
import { type DamagedPart, inspectDamagedPart } from './damaged-part.ts'
import { toIoFailed } from '../disk/io-failure.ts'
import { withLogFile, type RepairOptions, runUnderLogLock } from './locked-log.ts'
import type { LogFile, FileContext, LogContext } from '../disk/log-file.ts'
import { readEvents } from '../read/log-reader.ts'
import { findFreeQuarantineName, type KeptPart, type Quarantine, replaceLog } from './replace-log.ts'

/** A log without damage. The next writer handles the `unfinishedBytes` at its end. */
export type SoundLog = { readonly _tag: 'sound'; readonly seq: number; readonly unfinishedBytes: number }

/** The first damaged line, and the byte at which it starts. */
type Damage = Pick<LogDamaged, 'line' | 'detail' | 'cause'> & { readonly offset: number }

/** A damaged log, and the position where a repair cuts it: after its last whole decision before the damage. */
export type DamagedLog = DamagedPart & {
  readonly _tag: 'damaged'
  readonly path: string
  /** The damage, as reading the log reports it. */
  readonly damage: Damage
  /** The last event that is kept; 0: none. */
  readonly keptSeq: number
  /** The byte where the log is cut, and the number of bytes from there to its end. */
  readonly from: number
  readonly bytes: number
}

/** The plan of a repair: the damage, and the quarantine file for everything from there on. */
export type RepairPlan = DamagedLog & { readonly quarantinePath: string }

/** The facts from which the caller makes the events that record a repair. */
export type RepairFacts<A> = {
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
  onEvents: (events: ReadonlyArray<A>) => void,
): TE.TaskEither<ReadFailure, SoundLog | RepairPlan> =>
  withLogFile(options, (source, file) =>
    pipe(
      readUnlocked(source, file),
      // What seems damaged without the lock is read again, because a writer may have been busy.
      TE.orElse(failure =>
        failure.failure === 'LogDamaged' ? TE.fromIOEither(() => planNow(source, file, onEvents)) : TE.left(failure),
      ),
    ),
  )

const readUnlocked =
  <A extends Numbered>(source: LogContext<A>, file: LogFile): TE.TaskEither<ReadFailure, SoundLog | RepairPlan> =>
  async () => {
    const readResult = await readEvents(source, 0, startOfLog, () => undefined)()
    return pipe(
      file.refresh(),
      E.chainW(() => readResult),
      E.map(end => soundLog(end, file)),
    )
  }

const planNow = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  onEvents: (events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, SoundLog | RepairPlan> =>
  pipe(
    readWholeLog(source, file, onEvents),
    E.chain((inspection): E.Either<ReadFailure, SoundLog | RepairPlan> =>
      inspection._tag === 'sound' ? E.right(inspection) : planQuarantine(source, inspection.damaged),
    ),
  )

const planQuarantine = ({ disk, path }: FileContext, damaged: DamagedLog): E.Either<IoFailed, RepairPlan> =>
  E.tryCatch(
    () => ({ ...damaged, quarantinePath: join(dirname(path), findFreeQuarantineName(disk, path)) }),
    thrown => toIoFailed(path, 'repair', thrown),
  )

/**
 * Repairs a log: moves everything from its damage on to a quarantine file next to it, byte for byte, and continues the
 * log with the events that `record` returns, numbered on from the last kept one and up to `spentSeq` at least. A sound
 * log is not changed. If the repair fails, the log is unchanged.
 */
export const repairFileLog = <A extends Numbered>(
  options: RepairOptions<A>,
  record: (repair: RepairFacts<A>) => Iterable<A>,
): TE.TaskEither<RepairFailure, SoundLog | RepairedLog> =>
  withLogFile(options, (source, file) =>
    runUnderLogLock(source, file, options.lockTimeoutMs, () => repairNow(source, file, record)),
  )

/** Repairs the open log, under its lock. */
const repairNow = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  record: (repair: RepairFacts<A>) => Iterable<A>,
): E.Either<ReadFailure | OutcomeUnknown, SoundLog | RepairedLog> => {
  let lastKept: A | undefined
  return pipe(
    readWholeLog(source, file, events => {
      lastKept = events.at(-1)
    }),
    E.chain((inspection): E.Either<ReadFailure | OutcomeUnknown, SoundLog | RepairedLog> =>
      inspection._tag === 'sound'
        ? E.right(inspection)
        : cutLog(source, file, inspection, quarantine => record({ damaged: inspection.damaged, quarantine, lastKept })),
    ),
  )
}

/** Continues the log after its last whole decision. */
const cutLog = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  { damaged, end }: DamageInspection,
  record: (quarantine: Quarantine) => Iterable<A>,
): E.Either<IoFailed | OutcomeUnknown, RepairedLog> => {
  const keptPart: KeptPart = { ...end, ranges: [{ from: 0, to: end.offset, newline: false }] }
  return pipe(
    replaceLog(source, file.current(), keptPart, end.offset, file.size(), damaged.spentSeq, record),
    E.map(replaced => ({ ...damaged, ...replaced })),
  )
}

export type DamageInspection = { readonly _tag: 'damaged'; readonly damaged: DamagedLog; readonly end: LogPosition }

/** Reads the open log from its first line up to its end or its damage. */
export const readWholeLog = <A extends Numbered>(
  { path, codec }: LogContext<A>,
  file: LogFile,
  onEvents: (events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, SoundLog | DamageInspection> => {
  const reader = openChainReader<A>(path, codec, onEvents)
  return pipe(
    readToEnd(reader, file.current(), file.size()),
    E.map((): SoundLog | DamageInspection => soundLog(reader.position(), file)),
    E.orElse(failure =>
      failure.failure === 'LogDamaged' ? describeDamage(reader.position(), failure, file) : E.left(failure),
    ),
  )
}

const describeDamage = (
  end: LogPosition,
  { path, line, offset = end.offset, detail, cause }: LogDamaged,
  file: LogFile,
): E.Either<ReadFailure, DamageInspection> =>
  E.tryCatch(
    () => {
      const part = inspectDamagedPart(file.current(), end, file.size())
      const cut = { keptSeq: end.seq, from: end.offset, bytes: file.size() - end.offset }
      const damage = { line, offset, detail, ...(cause && { cause }) }
      return { _tag: 'damaged', damaged: { _tag: 'damaged', path, damage, ...cut, ...part }, end }
    },
    thrown => toIoFailed(path, 'read', thrown),
  )

const soundLog = ({ seq, offset }: LogPosition, file: LogFile): SoundLog => ({
  _tag: 'sound',
  seq,
  unfinishedBytes: Math.max(0, file.size() - offset),
})
