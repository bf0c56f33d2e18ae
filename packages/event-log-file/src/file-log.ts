import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type AppendFailure,
  applyNew,
  closed,
  defaultLockTimeoutMs,
  lifeCycle,
  type HasEvents,
  type EventLog,
  type Fold,
  type IoFailed,
  type NoLog,
  type Numbered,
  type SeqConflict,
  type OnEvents,
  type TransactFailure,
} from '@claimlog/event-log'
import { toCursor, findPosition, createTailReader, readEvents } from './read/log-reader.ts'
import { type Disk, realDisk, realTimers, type Timers } from './disk/disk.ts'
import { type EventCodec, type LogPosition, storedLineCodec, type StoredLine } from '@claimlog/event-log-line'
import { seqOnlyFold, decideAtEnd, type LogTail, logTail } from './commit/log-tail.ts'
import { readByOffset } from './read/read-by-offset.ts'
import { type LogFile, openLogFile, type LogContext } from './disk/log-file.ts'
import { watchLog } from './read/log-watch.ts'
import { follow } from './read/follow.ts'
import { type Durability, createSyncState } from './commit/sync.ts'
import { groupCommit } from './commit/group-commit.ts'

/** The name of the log file in a workspace. */
export const logFileName = 'events.jsonl'

export type FileLogOptions<A> = {
  /** The directory that holds `events.jsonl`. */
  readonly dir: string
  readonly codec: EventCodec<A>
  /** `disk` by default. */
  readonly durability?: Durability
  /** The time to wait for other writers, in milliseconds; 10 s by default. */
  readonly lockTimeoutMs?: number
  /** The system calls, the real ones by default: a test can pass a failing disk and its own clock. */
  readonly disk?: Disk
  readonly timers?: Timers
}

/** Opens the log in a directory, which must contain one. A log that cannot be written can still be read. */
export const openFileLog =
  <A extends Numbered>(options: FileLogOptions<A>): TE.TaskEither<IoFailed | NoLog, EventLog<A>> =>
  async () => {
    const { dir, codec, disk = realDisk, timers = realTimers } = options
    const { durability = 'disk', lockTimeoutMs = defaultLockTimeoutMs } = options
    const logPath = join(dir, logFileName)
    const source = { disk, timers, path: logPath, codec }
    return E.map((file: LogFile) => fileLog(source, file, durability, lockTimeoutMs))(openLogFile(disk, logPath))
  }

const fileLog = <A extends Numbered>(
  source: LogContext<A>,
  file: LogFile,
  durability: Durability,
  lockTimeoutMs: number,
): EventLog<A> => {
  const tail = logTail(source, file)
  const syncState = createSyncState(source, file, durability)
  const life = lifeCycle(source.timers.monotonicMs)
  const commit = groupCommit(source, file, tail, syncState, life, lockTimeoutMs)
  const { readAndAdvance, checkHistory } = createTailReader(source, file, tail, life)

  /** Reads the log before it takes the lock if nothing was folded yet: the log may be long. */
  const readAndCommit =
    <L, B>(
      fold: Fold<A>,
      decision: () => E.Either<L, B>,
      isWanted: () => boolean = () => true,
    ): TE.TaskEither<L | TransactFailure, B> =>
    async () => {
      // Several transactions may read a new log at the same time; each passes to the fold only what it does not have
      // yet.
      const onEvents: OnEvents<A> = (events, offsets) => applyNew(fold, events, offsets)
      const readResult = await life.run(readAndAdvance(0, onEvents, () => !isWanted()))()
      if (E.isLeft(readResult)) return readResult
      return isWanted() ? commit(decision, isWanted)() : closed
    }

  return {
    describe: () => source.path,
    now: () => undefined,
    read: (seq, onEvents, shouldStop) => life.run(readAndAdvance(seq, onEvents, shouldStop)),
    readLines: (seq, onLines, shouldStop) =>
      life.run(async () => {
        const lineSource: LogContext<StoredLine> = { ...source, codec: storedLineCodec(source.codec) }
        const onStoredLines = (lines: ReadonlyArray<StoredLine>): void => onLines(lines.map(({ line }) => line))
        const isStopped = (): boolean => life.isOverdue() || shouldStop?.() === true
        const end = await readEvents(lineSource, seq, tail.position(), onStoredLines, isStopped)()
        if (E.isRight(end) && life.isOverdue()) return closed
        return E.map((position: LogPosition) => Math.max(seq, position.seq))(end)
      }),
    cursor: () => toCursor(tail.position()),
    resume: cursor =>
      life.run(async () => {
        const historyResult = checkHistory()
        const position = E.isLeft(historyResult) ? historyResult : findPosition(source, file, cursor)
        if (E.isLeft(position)) return position
        if (position.right !== undefined) tail.seek(position.right)
        return E.right(position.right !== undefined)
      }),
    contains: cursor =>
      life.run(async () => {
        const position = findPosition(source, file, cursor)
        return E.isLeft(position) ? position : E.right(position.right !== undefined)
      }),
    readByOffset: offsets =>
      life.run(async () => {
        const historyResult = checkHistory()
        return E.isLeft(historyResult) ? historyResult : readByOffset(source, file, offsets)
      }),
    append: (expectedSeq, events) => commit(() => appendIfExpected(tail, expectedSeq, events)),
    transact: (fold, decide, result, isWanted) => () => {
      const decision = () => decideAtEnd(tail, fold, decide, result)
      const transaction = fold.seq === 0 ? readAndCommit(fold, decision, isWanted) : commit(decision, isWanted)
      return transaction()
    },
    follow: (seq, signal) => follow(source, life, seq, tail.position(), signal),
    watch: () => watchLog(source.disk, source.path, life),
    close: () => life.close(file.close),
  }
}

/** Appends `events` if the log ends at `expectedSeq`. */
const appendIfExpected = <A extends Numbered>(
  tail: LogTail<A>,
  expectedSeq: number,
  events: ReadonlyArray<A>,
): E.Either<AppendFailure, void> => {
  const fold = seqOnlyFold<A>(tail.position().seq)
  const decide = (): E.Either<SeqConflict, HasEvents<A>> =>
    fold.seq === expectedSeq
      ? E.right({ events })
      : E.left({ failure: 'SeqConflict', expectedSeq, actualSeq: fold.seq })
  return decideAtEnd(tail, fold, decide, () => undefined)
}
