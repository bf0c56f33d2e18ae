import { dirname, join } from 'node:path'
import { type Disk, ownFile } from '../disk/disk.ts'
import { appendAll, copyBytes, type OpenFile, withOpenFile } from '../disk/log-file.ts'

/** Where unfinished lines are kept, beside the log. */
export const tornFileName = 'events.torn'

/**
 * Sets aside what stands in the log after its last whole decision, at byte `offset`: a writer died while it wrote. The
 * bytes go to the end of `events.torn` and only once they are on the disk there, off the log. Under the log's lock.
 * Throws as the disk does.
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
