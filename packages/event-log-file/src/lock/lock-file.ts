import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, LockTimeout } from '@claimlog/event-log'
import { realDisk } from '../disk/disk.ts'
import { lockFailure, whileLocked } from './file-lock.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { OpenFile } from '../disk/open-file.ts'
import { ownFile } from '../disk/own-file.ts'
import { realTimers } from '../disk/timers.ts'

/**
 * Runs `body`, which must be synchronous, while no other process runs one under the same lock file. The file is made
 * where it is missing and holds nothing; deleting it while nobody waits is harmless. Where something else has its name, it
 * has the next one: see {@link ownFile}.
 */
export const withLockFile = async <B>(
  path: string,
  timeoutMs: number,
  body: () => B,
): Promise<E.Either<IoFailed | LockTimeout, B>> => {
  let file: OpenFile
  try {
    file = OpenFile.open(realDisk, ownFile(realDisk, path).path, 'append or create')
  } catch (thrown) {
    return E.left(ioFailed(path, 'open', thrown))
  }
  try {
    const ran = await whileLocked(realTimers, () => file, timeoutMs, body)
    if (E.isRight(ran)) return ran
    return E.left(lockFailure(path, file, ran.left))
  } finally {
    file.close()
  }
}

/**
 * Takes the lock of a file, which is made where it is missing, for as long as the process likes, and answers with how to
 * let it go; undefined: somebody else has it. Throws what the disk throws.
 */
export const tryLockFile = (path: string): (() => void) | undefined => {
  const file = OpenFile.open(realDisk, ownFile(realDisk, path).path, 'append or create')
  try {
    if (file.tryLock()) return () => file.close()
  } catch (thrown) {
    file.close()
    throw thrown
  }
  file.close()
  return undefined
}
