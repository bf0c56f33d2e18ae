import { dirname, join } from 'node:path'
import type { Disk } from './disk.ts'
import { appendAll, copyBytes } from './whole-writes.ts'

/** Where unfinished lines are kept, beside the log. */
export const tornFileName = 'events.torn'

/**
 * Sets aside what stands in the log after its last whole decision, at byte `offset`: a writer died while it wrote. The
 * bytes go to the end of `events.torn` and only once they are on the disk there, off the log. Under the log's lock.
 * Throws as the disk does.
 */
export const setAsideTornTail = (disk: Disk, logPath: string, fd: number, offset: number, size: number): void => {
  const dir = dirname(logPath)
  const tornPath = join(dir, tornFileName)
  const isNew = disk.stat(tornPath) === undefined
  const torn = disk.open(tornPath, 'append or create')
  try {
    copyBytes(disk, fd, offset, size, bytes => appendAll(disk, torn, bytes))
    appendAll(disk, torn, Buffer.from('\n'))
    disk.datasync(torn)
  } finally {
    disk.close(torn)
  }
  if (isNew) disk.syncDirectory(dir)
  disk.truncate(fd, offset)
}
