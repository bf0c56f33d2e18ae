import { dirname, join } from 'node:path'
import { type Disk, ownFile } from '../disk/disk.ts'
import { appendAll, copyBytes, type OpenFile, withOpenFile } from '../disk/log-file.ts'

/** The file for unfinished lines, next to the log. */
export const tornFileName = 'events.torn'

/**
 * Moves the torn tail, which starts at byte `offset` after the last whole decision, to the end of `events.torn`: a
 * writer died while it wrote. The bytes are removed from the log only once they are on the disk there. Under the lock
 * of the log. Throws as the disk does.
 */
export const setAsideTornTail = (disk: Disk, logPath: string, log: OpenFile, offset: number, size: number): void => {
  const dir = dirname(logPath)
  const kept = ownFile(disk, join(dir, tornFileName))
  withOpenFile(disk, kept.path, 'append or create', torn => {
    copyBytes(log, offset, size, bytes => appendAll(torn, bytes))
    appendAll(torn, Buffer.from('\n'))
    torn.datasync()
  })
  if (!kept.isThere) disk.syncDirectory(dir)
  log.truncate(offset)
}
