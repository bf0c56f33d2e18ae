import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { defaultLockTimeoutMs, runAndClose, type IoFailed, type LockTimeout, type NoLog } from '@claimlog/event-log'
import { type Disk, realDisk, realTimers, type Timers } from '../disk/disk.ts'
import type { EventCodec } from '@claimlog/event-log-line'
import { lockFailure, replacementsMax, replacedTooOften, runUnderLock } from '../lock/file-lock.ts'
import { logFileName } from '../file-log.ts'
import { type LogFile, openLogFile, type LogContext } from '../disk/log-file.ts'

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
export const withLogFile =
  <A, L, R>(
    { dir, codec, disk = realDisk, timers = realTimers }: RepairOptions<A>,
    body: (source: LogContext<A>, file: LogFile) => TE.TaskEither<L, R>,
  ): TE.TaskEither<L | IoFailed | NoLog, R> =>
  async () => {
    const path = join(dir, logFileName)
    const work = pipe(
      openLogFile(disk, path),
      E.map(file => runAndClose(file, body({ disk, timers, path, codec }, file))),
      E.getOrElseW(failure => TE.left(failure)),
    )
    return work()
  }

/** Runs `body` under the lock of the file that is the log then; no other process writes to it meanwhile. */
export const runUnderLogLock =
  <A, L, R>(
    { path, timers }: LogContext<A>,
    file: LogFile,
    lockTimeoutMs = defaultLockTimeoutMs,
    body: () => E.Either<L, R>,
  ): TE.TaskEither<L | IoFailed | NoLog | LockTimeout, R> =>
  async () => {
    for (let replacements = 0; replacements <= replacementsMax; replacements += 1) {
      const lockResult = await runUnderLock(timers, file.current, lockTimeoutMs, () => runIfCurrent(file, body))()
      if (E.isLeft(lockResult)) return E.left(lockFailure(path, file.current(), lockResult.left))
      if (lockResult.right !== 'replaced') return lockResult.right
    }
    return E.left(replacedTooOften(path))
  }

/** Runs `body` if the locked file is still the log; otherwise returns `replaced`. */
const runIfCurrent = <L, R>(
  file: LogFile,
  body: () => E.Either<L, R>,
): E.Either<L | IoFailed | NoLog, R> | 'replaced' => {
  const refreshResult = file.refresh()
  if (E.isRight(refreshResult) && refreshResult.right) return 'replaced'
  return pipe(
    refreshResult,
    E.chainW(() => checkWritable(file)),
    E.chainW(body),
  )
}

const checkWritable = (file: LogFile): E.Either<IoFailed, void> => {
  const writeFailure = file.writeFailure()
  return writeFailure === undefined ? E.right(undefined) : E.left(writeFailure)
}
