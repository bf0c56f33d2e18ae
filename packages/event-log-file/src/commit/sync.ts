import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, OutcomeUnknown } from '@claimlog/event-log'
import { type Disk, type OwnFile, ownFile } from '../disk/disk.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { copyBytes, type LogFile, overwriteAll, type Place, quietly, withOpenFile } from '../disk/log-file.ts'

/**
 * What an answer promises: `disk`, that the events outlive a power cut; `os`, that they outlive the process, but a power
 * cut may take the newest of them.
 */
export type Durability = 'disk' | 'os'

/** What one open log knows of the disk. */
export type Syncing = {
  /** Whether an answer waits for the disk at all. */
  readonly syncs: boolean
  /** The sync that failed. Final: a second try could succeed and mean nothing. */
  readonly failure: () => OutcomeUnknown | undefined
  /** Another file is open than before, of which nothing is known. */
  readonly forget: () => void
  /** Before the first write to an opened file: mends what another process could not sync. Under the log's lock. */
  readonly prepare: () => E.Either<IoFailed, void>
  /** Makes everything up to byte `offset` last as promised, for everybody who wrote it. */
  readonly upTo: (offset: number) => E.Either<OutcomeUnknown, void>
}

export const syncingOf = ({ disk, path }: Place, file: LogFile, durability: Durability): Syncing => {
  /** Where the log is known to be on the disk. */
  let syncedTo = 0
  let failure: OutcomeUnknown | undefined
  let prepared = false

  return {
    syncs: durability === 'disk',
    failure: () => failure,
    forget: () => {
      syncedTo = 0
      prepared = false
    },
    prepare: () => {
      if (prepared || durability === 'os') return E.right(undefined)
      try {
        syncAnew(disk, path)
        prepared = true
        return E.right(undefined)
      } catch (thrown) {
        return E.left(ioFailed(path, 'sync', thrown))
      }
    },
    upTo: offset => {
      if (failure !== undefined) return E.left(failure)
      if (durability === 'os' || offset <= syncedTo) return E.right(undefined)
      try {
        file.current().datasync()
        syncedTo = offset
        return E.right(undefined)
      } catch (thrown) {
        failure = { failure: 'OutcomeUnknown', path, operation: 'fdatasync', detail: String(thrown) }
        markUnsynced(disk, path)
        return E.left(failure)
      }
    },
  }
}

/** Stands beside a log that somebody could not sync, until it is known to be on the disk again. */
export const unsyncedFileName = 'events.unsynced'

/** The mark of a log, and whether it is there. */
export const markOf = (disk: Disk, logPath: string): OwnFile => ownFile(disk, join(dirname(logPath), unsyncedFileName))

/**
 * Tells those who open the log from now on that syncing it has failed. After a failed sync the system takes what it could
 * not write for written: it tells everybody who had the file open once, and whoever opens it later would sync
 * successfully and know nothing. A name that cannot be written is tried once more; if that fails too, nobody is told.
 */
const markUnsynced = (disk: Disk, logPath: string): void => {
  const mark = (): void => withOpenFile(disk, markOf(disk, logPath).path, 'append or create', () => undefined)
  quietly(() => {
    try {
      mark()
    } catch {
      mark()
    }
  })
}

/**
 * Makes a log last that somebody could not sync: writes every byte of it once more over itself, so that the system has
 * them to write again, and syncs. Under the log's lock. Throws as the disk does, and the mark stays.
 */
const syncAnew = (disk: Disk, logPath: string): void => {
  const mark = markOf(disk, logPath)
  if (!mark.isThere) return
  withOpenFile(disk, logPath, 'overwrite', file => {
    copyBytes(file, 0, file.identity().size, (bytes, offset) => overwriteAll(file, bytes, offset))
    file.datasync()
  })
  // Whoever repaired the log may have died before its new name was on the disk.
  disk.syncDirectory(dirname(logPath))
  disk.remove(mark.path)
}
