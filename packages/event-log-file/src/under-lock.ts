import * as E from 'fp-ts/lib/Either.js'
import type { OutcomeUnknown, TransactFailure } from '@claimlog/event-log'
import type { Position } from './cursor.ts'
import type { Disk } from './disk.ts'
import { lockHolder, monotonicMs, waitForLock } from './file-lock.ts'
import { type LogFile, stillHolds } from './log-file.ts'

/**
 * What an answer promises: `disk`, that the events outlive a power cut; `os`, that they outlive the process, but a power
 * cut may take the newest of them.
 */
export type Durability = 'disk' | 'os'

/**
 * Runs `body` under the lock of the file that the path names; a body that comes to an answer (right) has it given only
 * when everything up to `end()` is as durable as promised. `body` is synchronous: nothing that could suspend happens
 * while others wait, nor between the unlock and the sync.
 */
export type UnderLock = <L, B>(body: () => E.Either<L, B>) => Promise<E.Either<L | TransactFailure, B>>

/** The lock and the syncs of one open log. `end` is the place up to which it was read or written. */
export const underLockOf = (
  disk: Disk,
  path: string,
  file: LogFile,
  end: () => Position,
  { durability, lockTimeoutMs }: { readonly durability: Durability; readonly lockTimeoutMs: number },
): UnderLock => {
  /** Where the log is known to be on the disk. */
  let syncedTo = 0
  let syncFailure: OutcomeUnknown | undefined

  /** After the unlock and before the answer: whoever syncs, syncs all that stands before it for everybody. */
  const sync = (): E.Either<OutcomeUnknown, void> => {
    const { offset } = end()
    if (durability === 'os' || offset <= syncedTo) return E.right(undefined)
    try {
      disk.datasync(file.fd())
      syncedTo = offset
      return E.right(undefined)
    } catch (thrown) {
      syncFailure = { failure: 'OutcomeUnknown', path, operation: 'fdatasync', detail: String(thrown) }
      return E.left(syncFailure)
    }
  }

  const whileLocked = <L, B>(body: () => E.Either<L, B>): E.Either<L | TransactFailure, B> | 'moved' => {
    const moved = file.refresh()
    if (E.isLeft(moved)) return moved
    if (!moved.right && file.size() >= end().offset) return body()
    syncedTo = 0
    const held = stillHolds(disk, path, file, end())
    return E.isLeft(held) ? held : 'moved'
  }

  const lockTimeout = (startedAt: number): TransactFailure => ({
    failure: 'LockTimeout',
    path,
    waitedMs: Math.round(monotonicMs() - startedAt),
    holderPid: lockHolder(disk.fstat(file.fd())),
  })

  return async <L, B>(body: () => E.Either<L, B>) => {
    const startedAt = monotonicMs()
    for (;;) {
      const unwritable = syncFailure ?? file.readOnly()
      if (unwritable !== undefined) return E.left(unwritable)
      const leftMs = Math.max(0, startedAt + lockTimeoutMs - monotonicMs())
      if (!(await waitForLock(disk, file.fd, leftMs))) return E.left(lockTimeout(startedAt))
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
}
