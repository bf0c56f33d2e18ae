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
  type OutcomeUnknown,
  type ReadFailure,
  type SeqConflict,
  type TransactFailure,
} from '@claimlog/event-log'
import { appendDecision } from './appending.ts'
import { openCursor, type Position, startOfLog } from './cursor.ts'
import { type Disk, realDisk } from './disk.ts'
import type { EventCodec } from './event-codec.ts'
import { lockHolder, monotonicMs, waitForLock } from './file-lock.ts'
import { type LogFile, openLogFile, stillHolds } from './log-file.ts'
import { follow, readAfter, type Source } from './reading.ts'

/** The log's file in its directory. */
export const logFileName = 'events.jsonl'

export const defaultLockTimeoutMs = 10_000

/**
 * What an answer promises: `disk`, that the events outlive a power cut; `os`, that they outlive the process, but a power
 * cut may take the newest of them.
 */
export type Durability = 'disk' | 'os'

export type FileLogOptions<A> = {
  /** The directory that holds `events.jsonl`. */
  readonly dir: string
  readonly codec: EventCodec<A>
  /** `disk` unless said. */
  readonly durability?: Durability
  /** How long to wait for other writers; 10 s unless said. */
  readonly lockTimeoutMs?: number
  readonly disk?: Disk
}

/** Opens the log in a directory, which must hold one. Where it may not be written, it can still be read. */
export const openFileLog =
  <A extends Numbered>(options: FileLogOptions<A>): TE.TaskEither<IoFailed | NoLog, EventLog<A>> =>
  async () => {
    const { dir, codec, durability = 'disk', lockTimeoutMs = defaultLockTimeoutMs, disk = realDisk } = options
    const logPath = join(dir, logFileName)
    const opened = openLogFile(disk, logPath)
    if (E.isLeft(opened)) return opened
    return E.right(fileLog({ disk, path: logPath, codec }, opened.right, durability, lockTimeoutMs))
  }

const fileLog = <A extends Numbered>(
  source: Source<A>,
  file: LogFile,
  durability: Durability,
  lockTimeoutMs: number,
): EventLog<A> => {
  const { disk, path: logPath, codec } = source
  let taker: Follower<A> = { seq: 0, take: () => undefined }
  const cursor = openCursor<A>(disk, logPath, codec, events => taker.take(eventsAfter(taker.seq, events)))
  /** Where the log is known to be on the disk. */
  let syncedTo = 0
  let syncFailure: OutcomeUnknown | undefined

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

  const sync = (): E.Either<OutcomeUnknown, void> => {
    const { offset } = cursor.position()
    if (durability === 'os' || offset <= syncedTo) return E.right(undefined)
    try {
      disk.datasync(file.fd())
      syncedTo = offset
      return E.right(undefined)
    } catch (thrown) {
      syncFailure = { failure: 'OutcomeUnknown', path: logPath, operation: 'fdatasync', detail: String(thrown) }
      return E.left(syncFailure)
    }
  }

  /**
   * Runs `body` under the lock of the file that the path names, and syncs after the unlock and before answering. `body`
   * is synchronous: nothing that could suspend happens while others wait, nor between the write and its sync.
   */
  const underLock = async <L, B>(body: () => E.Either<L, B>): Promise<E.Either<L | TransactFailure, B>> => {
    const startedAt = monotonicMs()
    for (;;) {
      if (syncFailure !== undefined) return E.left(syncFailure)
      const readOnly = file.readOnly()
      if (readOnly !== undefined) return E.left(readOnly)
      const leftMs = Math.max(0, startedAt + lockTimeoutMs - monotonicMs())
      if (!(await waitForLock(disk, file.fd, leftMs))) return E.left(lockTimeout(monotonicMs() - startedAt))
      let answer: E.Either<L | TransactFailure, B> | 'moved'
      try {
        answer = whileLocked(body)
      } finally {
        disk.unlock(file.fd())
      }
      if (answer === 'moved') continue
      if (E.isLeft(answer)) return answer
      const synced = sync()
      return E.isLeft(synced) ? synced : answer
    }
  }

  const whileLocked = <L, B>(body: () => E.Either<L, B>): E.Either<L | TransactFailure, B> | 'moved' => {
    const moved = file.refresh()
    if (E.isLeft(moved)) return moved
    if (moved.right) {
      syncedTo = 0
      const held = stillHolds(disk, logPath, file, cursor.position())
      return E.isLeft(held) ? held : 'moved'
    }
    if (file.size() < cursor.position().offset) {
      const shrunk = stillHolds(disk, logPath, file, cursor.position())
      if (E.isLeft(shrunk)) return shrunk
    }
    return body()
  }

  const lockTimeout = (waitedMs: number): TransactFailure => ({
    failure: 'LockTimeout',
    path: logPath,
    waitedMs: Math.round(waitedMs),
    holderPid: lockHolder(disk.fstat(file.fd())),
  })

  const write = (follower: Follower<A>, events: ReadonlyArray<A>): E.Either<TransactFailure, void> => {
    if (events.length === 0) return E.right(undefined)
    assertNumberedFrom(cursor.position().seq, events)
    const end = appendDecision(source, file, cursor.position(), events)
    if (E.isLeft(end)) return end
    cursor.moveTo(end.right)
    follower.take(events)
    return E.right(undefined)
  }

  /** A log that was opened just now is read without the lock first; under it only what came since is left to read. */
  const readAhead = async (follower: Follower<A>): Promise<E.Either<ReadFailure, void>> => {
    if (cursor.position().seq > 0 || follower.seq > 0) return E.right(undefined)
    // Two transactions may read ahead side by side; the follower takes from either what it does not have yet.
    const read = await readAfter(source, 0, startOfLog, events => {
      const fresh = eventsAfter(follower.seq, events)
      if (fresh.length > 0) follower.take(fresh)
    })
    if (E.isLeft(read)) return read
    knowSound(read.right)
    return E.right(undefined)
  }

  /** What was read once need not be read again to go on from there. */
  const knowSound = (position: Position): void => {
    if (position.seq > cursor.position().seq) cursor.moveTo(position)
  }

  return {
    readAfter: (seq, take) => async () => {
      const end = await readAfter(source, seq, cursor.position(), take)
      if (E.isLeft(end)) return end
      knowSound(end.right)
      return E.right(Math.max(seq, end.right.seq))
    },
    append: (expectedSeq, events) => () => {
      const bystander = skipTo(cursor.position().seq)
      return underLock<AppendFailure, void>(() => {
        const caughtUp = catchUp(bystander)
        if (E.isLeft(caughtUp)) return caughtUp
        const actualSeq = cursor.position().seq
        const conflict: SeqConflict = { failure: 'SeqConflict', expectedSeq, actualSeq }
        return actualSeq === expectedSeq ? write(bystander, events) : E.left(conflict)
      })
    },
    transact:
      <R, D extends Appending<A>>(follower: Follower<A>, decide: () => E.Either<R, D>) =>
      async () => {
        const ahead = await readAhead(follower)
        if (E.isLeft(ahead)) return ahead
        return underLock<R | TransactFailure, D>(() => {
          const caughtUp = catchUp(follower)
          if (E.isLeft(caughtUp)) return caughtUp
          const decided = decide()
          if (E.isLeft(decided)) return decided
          const written = write(follower, decided.right.events)
          return E.isLeft(written) ? written : decided
        })
      },
    follow: (seq, signal) => follow(source, seq, cursor.position(), signal),
    close: async () => file.close(),
  }
}

const eventsAfter = <A extends Numbered>(seq: number, events: ReadonlyArray<A>): ReadonlyArray<A> =>
  (events[0]?.seq ?? 0) > seq ? events : events.filter(event => event.seq > seq)

/** A follower that keeps nothing: it only knows how far the log is. */
const skipTo = <A extends Numbered>(start: number): Follower<A> => {
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
