import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type AppendFailure,
  type Appending,
  assertNumberedFrom,
  type EventLog,
  type Follower,
  type IoFailed,
  type NoLog,
  type Numbered,
  type ReadFailure,
  type TransactFailure,
} from '@claimlog/event-log'
import { appendDecision } from './appending.ts'
import { openCursor, startOfLog } from './cursor.ts'
import { type Disk, realDisk } from './disk.ts'
import type { EventCodec } from './event-codec.ts'
import { type LogFile, openLogFile } from './log-file.ts'
import { follow, readAfter } from './reading.ts'
import type { Source } from './source.ts'
import { type Durability, syncingOf } from './syncing.ts'
import { realTimers, type Timers } from './timers.ts'
import { underLockOf } from './under-lock.ts'

/** The log's file in its directory. */
export const logFileName = 'events.jsonl'

export const defaultLockTimeoutMs = 10_000

export type FileLogOptions<A> = {
  /** The directory that holds `events.jsonl`. */
  readonly dir: string
  readonly codec: EventCodec<A>
  /** `disk` unless said. */
  readonly durability?: Durability
  /** How long to wait for other writers; 10 s unless said. */
  readonly lockTimeoutMs?: number
  /** The system's unless said: a test can put a failing disk, and a clock of its own, under the log. */
  readonly disk?: Disk
  readonly timers?: Timers
}

/** Opens the log in a directory, which must hold one. Where it may not be written, it can still be read. */
export const openFileLog =
  <A extends Numbered>(options: FileLogOptions<A>): TE.TaskEither<IoFailed | NoLog, EventLog<A>> =>
  async () => {
    const { dir, codec, disk = realDisk, timers = realTimers } = options
    const { durability = 'disk', lockTimeoutMs = defaultLockTimeoutMs } = options
    const logPath = join(dir, logFileName)
    const opened = openLogFile(disk, logPath)
    if (E.isLeft(opened)) return opened
    return E.right(fileLog({ disk, timers, path: logPath, codec }, opened.right, durability, lockTimeoutMs))
  }

const fileLog = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  durability: Durability,
  lockTimeoutMs: number,
): EventLog<A> => {
  let taker: Follower<A> = counter(0)
  const cursor = openCursor<A>(source.disk, source.path, source.codec, events => takeFresh(taker, events))
  const syncing = syncingOf(source, file, durability)
  const underLock = underLockOf(source, file, cursor.position, syncing, lockTimeoutMs)

  /** Gives `follower` every whole decision there is, from where it stands. */
  const catchUp = (follower: Follower<A>): E.Either<ReadFailure, void> => {
    taker = follower
    cursor.moveTo(follower.seq === cursor.position().seq ? cursor.position() : startOfLog)
    for (;;) {
      const step = cursor.step(file.fd(), file.size())
      if (E.isLeft(step)) return step
      if (!step.right) return E.right(undefined)
    }
  }

  const write = (follower: Follower<A>, events: ReadonlyArray<A>): E.Either<TransactFailure, void> => {
    if (events.length === 0) return E.right(undefined)
    assertNumberedFrom(cursor.position().seq, events)
    const end = appendDecision(source, file, cursor.position(), events)
    if (E.isLeft(end)) return end
    cursor.moveTo(end.right)
    follower.take(events)
    return E.right(undefined)
  }

  /** What was read once, without the lock, need not be read again under it. */
  const readOn = async (
    seq: number,
    take: (events: ReadonlyArray<A>) => void,
  ): Promise<E.Either<ReadFailure, number>> => {
    const end = await readAfter(source, seq, cursor.position(), take)
    if (E.isLeft(end)) return end
    if (end.right.seq > cursor.position().seq) cursor.moveTo(end.right)
    return E.right(Math.max(seq, end.right.seq))
  }

  const appendAt = (expectedSeq: number, events: ReadonlyArray<A>): E.Either<AppendFailure, void> => {
    const end = counter<A>(cursor.position().seq)
    const caughtUp = catchUp(end)
    if (E.isLeft(caughtUp)) return caughtUp
    if (end.seq !== expectedSeq) return E.left({ failure: 'SeqConflict', expectedSeq, actualSeq: end.seq })
    return write(end, events)
  }

  const transact = async <R, D extends Appending<A>>(
    follower: Follower<A>,
    decide: () => E.Either<R, D>,
  ): Promise<E.Either<TransactFailure | R, D>> => {
    if (follower.seq === 0) {
      // Transactions may read a new log side by side; the follower takes from each what it does not have yet.
      const read = await readOn(0, events => takeFresh(follower, events))
      if (E.isLeft(read)) return read
    }
    return underLock<R | TransactFailure, D>(() => {
      const caughtUp = catchUp(follower)
      if (E.isLeft(caughtUp)) return caughtUp
      const decided = decide()
      if (E.isLeft(decided)) return decided
      const written = write(follower, decided.right.events)
      return E.isLeft(written) ? written : decided
    })
  }

  return {
    readAfter: (seq, take) => () => readOn(seq, take),
    append: (expectedSeq, events) => () => underLock(() => appendAt(expectedSeq, events)),
    transact: (follower, decide) => () => transact(follower, decide),
    follow: (seq, signal) => follow(source, seq, cursor.position(), signal),
    close: async () => file.close(),
  }
}

/** Gives a follower those of `events` that it has not taken. */
const takeFresh = <A extends Numbered>(follower: Follower<A>, events: ReadonlyArray<A>): void => {
  const fresh = (events[0]?.seq ?? 0) > follower.seq ? events : events.filter(event => event.seq > follower.seq)
  if (fresh.length > 0) follower.take(fresh)
}

/** A follower that keeps nothing but how far it is. */
const counter = <A extends Numbered>(start: number): Follower<A> => {
  let seq = start
  return {
    get seq() {
      return seq
    },
    take: events => {
      seq = events.at(-1)?.seq ?? seq
    },
  }
}
