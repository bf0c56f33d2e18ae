import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type AppendFailure,
  closed,
  lifeCycle,
  type Appending,
  type EventLog,
  type Follower,
  type IoFailed,
  type NoLog,
  type Numbered,
  type SeqConflict,
  type Take,
  type TransactFailure,
} from '@claimlog/event-log'
import { bookmarkOf, placeOf, readOnOf } from './read/reader.ts'
import { type Disk, realDisk, realTimers, type Timers } from './disk/disk.ts'
import type { EventCodec } from './format/event-codec.ts'
import { counter, decideAtEnd, type EndOfLog, endOfLog } from './commit/end-of-log.ts'
import { fetchLines } from './read/fetch.ts'
import { type LogFile, openLogFile, type Source } from './disk/log-file.ts'
import { watchLog } from './read/log-watch.ts'
import { follow } from './read/follow.ts'
import { type Durability, syncingOf } from './commit/sync.ts'
import { takeFresh } from './read/cursor.ts'
import { groupCommit } from './commit/group-commit.ts'

/** The name of the log file in a workspace. */
export const logFileName = 'events.jsonl'

export const defaultLockTimeoutMs = 10_000

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
  source: Source<A>,
  file: LogFile,
  durability: Durability,
  lockTimeoutMs: number,
): EventLog<A> => {
  const end = endOfLog(source, file)
  const syncing = syncingOf(source, file, durability)
  const life = lifeCycle(source.timers.monotonicMs)
  const commit = groupCommit(source, file, end, syncing, life, lockTimeoutMs)
  const { readOn, checkHistory } = readOnOf(source, file, end, life)

  /** Reads the log before it takes the lock if nothing was folded yet: the log may be long. */
  const readAndCommit =
    <L, B>(
      fold: Follower<A>,
      decision: () => E.Either<L, B>,
      isWanted: () => boolean = () => true,
    ): TE.TaskEither<L | TransactFailure, B> =>
    async () => {
      // Several transactions may read a new log at the same time; each passes to the fold only what it does not have
      // yet.
      const take: Take<A> = (events, addresses) => takeFresh(fold, events, addresses)
      const read = await life.during(readOn(0, take, () => !isWanted()))()
      if (E.isLeft(read)) return read
      return isWanted() ? commit(decision, isWanted)() : closed
    }

  return {
    readAfter: (seq, take, isEnough) => life.during(readOn(seq, take, isEnough)),
    bookmark: () => bookmarkOf(end.position()),
    resume: bookmark =>
      life.during(async () => {
        const checked = checkHistory()
        const found = E.isLeft(checked) ? checked : placeOf(source, file, bookmark)
        if (E.isLeft(found)) return found
        if (found.right !== undefined) end.moveTo(found.right)
        return E.right(found.right !== undefined)
      }),
    holds: bookmark =>
      life.during(async () => {
        const found = placeOf(source, file, bookmark)
        return E.isLeft(found) ? found : E.right(found.right !== undefined)
      }),
    fetch: addresses =>
      life.during(async () => {
        const checked = checkHistory()
        return E.isLeft(checked) ? checked : fetchLines(source, file, addresses)
      }),
    append: (expectedSeq, events) => commit(() => appendAt(end, expectedSeq, events)),
    transact: (fold, decide, result, isWanted) => () => {
      const decision = () => decideAtEnd(end, fold, decide, result)
      const transaction = fold.seq === 0 ? readAndCommit(fold, decision, isWanted) : commit(decision, isWanted)
      return transaction()
    },
    follow: (seq, signal) => follow(source, life, seq, end.position(), signal),
    watch: () => watchLog(source.disk, source.path, life),
    close: () => life.close(file.close),
  }
}

/** Appends `events` if the log ends at `expectedSeq`. */
const appendAt = <A extends Numbered>(
  end: EndOfLog<A>,
  expectedSeq: number,
  events: ReadonlyArray<A>,
): E.Either<AppendFailure, void> => {
  const fold = counter<A>(end.position().seq)
  const decide = (): E.Either<SeqConflict, Appending<A>> =>
    fold.seq === expectedSeq
      ? E.right({ events })
      : E.left({ failure: 'SeqConflict', expectedSeq, actualSeq: fold.seq })
  return decideAtEnd(end, fold, decide, () => undefined)
}
