import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, OutcomeUnknown, TransactFailure } from '@claimlog/event-log'
import type { Position } from './cursor.ts'
import type { Disk } from './disk.ts'
import { lockHolder, type NotLocked, whileLocked } from './file-lock.ts'
import { ioFailed } from './io-failure.ts'
import { type LogFile, stillHolds } from './log-file.ts'

/**
 * What an answer promises: `disk`, that the events outlive a power cut; `os`, that they outlive the process, but a power
 * cut may take the newest of them.
 */
export type Durability = 'disk' | 'os'

/**
 * Runs `body` under the lock of the file that the path names; a body that comes to an answer (right) has it given only
 * when everything up to `end()` is as durable as promised. `body` is synchronous: nothing that could suspend happens
 * while others wait.
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
  /** The file is not, or not surely, the one that was read: nothing is written before it is known to go on from there. */
  let inDoubt = false

  /**
   * After the unlock and before the answer: whoever syncs, syncs all that stands before it for everybody, so of commands
   * that were written together one does it. A failed sync is final: a second try could succeed and mean nothing.
   */
  const sync = (): E.Either<OutcomeUnknown, void> => {
    if (syncFailure !== undefined) return E.left(syncFailure)
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

  const atTheEnd = <L, B>(body: () => E.Either<L, B>): E.Either<L | TransactFailure, B> | 'moved' => {
    if (syncFailure !== undefined) return E.left(syncFailure)
    const moved = file.refresh()
    if (E.isLeft(moved)) return moved
    inDoubt ||= moved.right || file.size() < end().offset
    if (!inDoubt) return body()
    syncedTo = 0
    const held = stillHolds(disk, path, file, end())
    if (E.isLeft(held)) return held
    inDoubt = false
    // The lock that was taken is that of the file that was open before.
    return moved.right ? 'moved' : body()
  }

  const failureOf = (not: NotLocked): TransactFailure => {
    if (not.tag === 'Threw') return ioFailed(path, 'lock', not.thrown)
    return { failure: 'LockTimeout', path, waitedMs: not.waitedMs, holderPid: lockHolder(disk.fstat(file.fd())) }
  }

  return async <L, B>(body: () => E.Either<L, B>) => {
    for (let moves = 0; ; moves += 1) {
      const unwritable = syncFailure ?? file.readOnly()
      if (unwritable !== undefined) return E.left(unwritable)
      const ran = await whileLocked(disk, file.fd, lockTimeoutMs, () => atTheEnd(body))
      if (E.isLeft(ran)) return E.left(failureOf(ran.left))
      const answer = ran.right
      if (answer === 'moved') {
        if (moves === maxMoves) return E.left(replacedTooOften(path))
        continue
      }
      if (E.isLeft(answer)) return answer
      const synced = sync()
      return E.isLeft(synced) ? synced : answer
    }
  }
}

/** Somebody replaces the log each time it is looked at: there is no telling which is the log. */
const maxMoves = 16

const replacedTooOften = (path: string): IoFailed => ({
  failure: 'IoFailed',
  path,
  operation: 'lock',
  code: 'EAGAIN',
  detail: `it was replaced ${maxMoves} times while its lock was taken`,
})
