import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { type IoFailed, type OutcomeUnknown, withSystemError } from '@claimlog/event-log'
import { type Disk, type OwnFile, findOwnFile } from '../disk/disk.ts'
import { toIoFailed } from '../disk/io-failure.ts'
import {
  forEachChunk,
  type LogFile,
  overwriteFully,
  type FileContext,
  ignoreSystemErrors,
  withOpenFile,
} from '../disk/log-file.ts'

/**
 * The durability of a success: `disk`, the events survive a power cut; `os`, they survive the process, but a power cut
 * may lose the newest of them.
 */
export type Durability = 'disk' | 'os'

/** The state of one open log on the disk. */
export type SyncState = {
  /** True if results wait for the disk. */
  readonly waitsForDisk: boolean
  /** The failed fsync. Final: a second one could succeed and mean nothing. */
  readonly failure: () => OutcomeUnknown | undefined
  /** Forgets what is known of the disk, because another file is open now. */
  readonly reset: () => void
  /** Before the first write to an opened file: syncs what another process could not. Under the lock of the log. */
  readonly recoverUnsynced: () => E.Either<IoFailed, void>
  /**
   * Makes everything up to byte `offset` as durable as promised, for all writers. One fsync covers every earlier write.
   */
  readonly syncBytes: (offset: number) => E.Either<OutcomeUnknown, void>
}

export const createSyncState = ({ disk, path }: FileContext, file: LogFile, durability: Durability): SyncState => {
  /** The log is known to be on the disk up to this byte. */
  let syncedOffset = 0
  let failure: OutcomeUnknown | undefined
  let isRecovered = false

  return {
    waitsForDisk: durability === 'disk',
    failure: () => failure,
    reset: () => {
      syncedOffset = 0
      isRecovered = false
    },
    recoverUnsynced: () => {
      if (isRecovered || durability === 'os') return E.right(undefined)
      try {
        rewriteAndSync(disk, path)
        isRecovered = true
        return E.right(undefined)
      } catch (thrown) {
        return E.left(toIoFailed(path, 'sync', thrown))
      }
    },
    syncBytes: offset => {
      if (failure !== undefined) return E.left(failure)
      if (durability === 'os' || offset <= syncedOffset) return E.right(undefined)
      try {
        file.current().datasync()
        syncedOffset = offset
        return E.right(undefined)
      } catch (thrown) {
        const detail = String(thrown)
        const unknown: OutcomeUnknown = { failure: 'OutcomeUnknown', path, operation: 'fdatasync', detail }
        failure = withSystemError(unknown, thrown)
        markUnsynced(disk, path)
        return E.left(failure)
      }
    },
  }
}

/** The mark of a log that could not be synced. It is there until the log is known to be on the disk again. */
export const unsyncedFileName = 'events.unsynced'

/** The mark of a log, and whether it exists. */
export const findUnsyncedMark = (disk: Disk, logPath: string): OwnFile =>
  findOwnFile(disk, join(dirname(logPath), unsyncedFileName))

/**
 * Marks a log whose fsync failed. After that the system treats the data that it could not write as written: it reports
 * the error to every process that had the file open, once, and a process that opens the file later would sync
 * successfully and not know. A name that cannot be written is tried a second time; if that fails too, other processes
 * are not warned.
 */
const markUnsynced = (disk: Disk, logPath: string): void => {
  const mark = (): void => withOpenFile(disk, findUnsyncedMark(disk, logPath).path, 'append or create', () => undefined)
  ignoreSystemErrors(() => {
    try {
      mark()
    } catch {
      mark()
    }
  })
}

/**
 * Syncs a log that another process could not sync: writes every byte over itself, so that the system has it to write
 * again, and syncs. Under the lock of the log. Throws as the disk does, and then the mark stays.
 */
const rewriteAndSync = (disk: Disk, logPath: string): void => {
  const mark = findUnsyncedMark(disk, logPath)
  if (!mark.exists) return
  withOpenFile(disk, logPath, 'overwrite', file => {
    forEachChunk(file, 0, file.identity().size, (bytes, offset) => overwriteFully(file, bytes, offset))
    file.datasync()
  })
  // A process that repaired the log may have died before the new name was on the disk.
  disk.syncDirectory(dirname(logPath))
  disk.remove(mark.path)
}
