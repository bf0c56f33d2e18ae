import { dirname, join } from 'node:path'
import { type Disk, findOwnFile } from '../disk/disk.ts'
import { appendFully, forEachChunk, type OpenFile, withOpenFile } from '../disk/log-file.ts'

/** The file for unfinished lines, next to the log. */
export const tornFileName = 'events.torn'

/**
 * Moves the torn tail, which starts at byte `offset` after the last whole decision, to the end of `events.torn`: a
 * writer died while it wrote. The bytes are removed from the log only once they are on the disk there. Under the lock
 * of the log. Throws as the disk does.
 */
export const moveTornTail = (disk: Disk, logPath: string, log: OpenFile, offset: number, size: number): void => {
  const dir = dirname(logPath)
  const tornFile = findOwnFile(disk, join(dir, tornFileName))
  withOpenFile(disk, tornFile.path, 'append or create', torn => {
    forEachChunk(log, offset, size, bytes => appendFully(torn, bytes))
    appendFully(torn, Buffer.from('\n'))
    torn.datasync()
  })
  if (!tornFile.exists) disk.syncDirectory(dir)
  log.truncate(offset)
}
