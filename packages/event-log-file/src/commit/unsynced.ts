import { dirname, join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { quietly } from '../disk/io-failure.ts'
import { withOpenFile } from '../disk/open-file.ts'
import { type OwnFile, ownFile } from '../disk/own-file.ts'
import { copyBytes, overwriteAll } from '../disk/whole-writes.ts'

/** Stands beside a log that somebody could not sync, until it is known to be on the disk again. */
export const unsyncedFileName = 'events.unsynced'

/** The mark of a log, and whether it is there. */
export const markOf = (disk: Disk, logPath: string): OwnFile => ownFile(disk, join(dirname(logPath), unsyncedFileName))

/**
 * Tells those who open the log from now on that syncing it has failed. After a failed sync the system takes what it could
 * not write for written: it tells everybody who had the file open once, and whoever opens it later would sync
 * successfully and know nothing. Where not even a name can be written, nobody is told.
 */
export const markUnsynced = (disk: Disk, logPath: string): void =>
  quietly(() => withOpenFile(disk, markOf(disk, logPath).path, 'append or create', () => undefined))

/**
 * Makes a log last that somebody could not sync: writes every byte of it once more over itself, so that the system has
 * them to write again, and syncs. Under the log's lock. Throws as the disk does, and the mark stays.
 */
export const syncAnew = (disk: Disk, logPath: string): void => {
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
