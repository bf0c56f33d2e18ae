import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { closeAfter, type IoFailed, type LockTimeout, type NoLog } from '@claimlog/event-log'
import { type Disk, realDisk, realTimers, type Timers } from '../disk/disk.ts'
import type { EventCodec } from '../format/event-codec.ts'
import { lockFailure, movesMax, replacedTooOften, whileLocked } from '../lock/file-lock.ts'
import { defaultLockTimeoutMs, logFileName } from '../file-log.ts'
import { type LogFile, openLogFile, type Source } from '../disk/log-file.ts'

export type RepairOptions<A> = {
  /** The directory that holds `events.jsonl`. */
  readonly dir: string
  readonly codec: EventCodec<A>
  /** The time to wait for other writers, in milliseconds; 10 s by default. */
  readonly lockTimeoutMs?: number
  /** The system's by default. */
  readonly disk?: Disk
  readonly timers?: Timers
}

/** Opens the existing log file and runs `body` on it. */
export const inLogFile =
  <A, L, R>(
    { dir, codec, disk = realDisk, timers = realTimers }: RepairOptions<A>,
    body: (source: Source<A>, file: LogFile) => TE.TaskEither<L, R>,
  ): TE.TaskEither<L | IoFailed | NoLog, R> =>
  async () => {
    const path = join(dir, logFileName)
    const work = pipe(
      openLogFile(disk, path),
      E.map(file => closeAfter(file, body({ disk, timers, path, codec }, file))),
      E.getOrElseW(failure => TE.left(failure)),
    )
    return work()
  }

/** Runs `body` under the lock of the file that is the log then; no other process writes to it meanwhile. */
export const underLogLock =
  <A, L, R>(
    { path, timers }: Source<A>,
    file: LogFile,
    lockTimeoutMs = defaultLockTimeoutMs,
    body: () => E.Either<L, R>,
  ): TE.TaskEither<L | IoFailed | NoLog | LockTimeout, R> =>
  async () => {
    for (let moves = 0; moves <= movesMax; moves += 1) {
      const ran = await whileLocked(timers, file.current, lockTimeoutMs, () => inPlace(file, body))()
      if (E.isLeft(ran)) return E.left(lockFailure(path, file.current(), ran.left))
      if (ran.right !== 'replaced') return ran.right
    }
    return E.left(replacedTooOften(path))
  }

/** Runs `body` if the locked file is still the log; otherwise returns `replaced`. */
const inPlace = <L, R>(file: LogFile, body: () => E.Either<L, R>): E.Either<L | IoFailed | NoLog, R> | 'replaced' => {
  const moved = file.refresh()
  if (E.isRight(moved) && moved.right) return 'replaced'
  return pipe(
    moved,
    E.chainW(() => checkWritable(file)),
    E.chainW(body),
  )
}

const checkWritable = (file: LogFile): E.Either<IoFailed, void> => {
  const readOnly = file.readOnly()
  return readOnly === undefined ? E.right(undefined) : E.left(readOnly)
}
