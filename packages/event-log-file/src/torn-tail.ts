import { openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Disk } from './disk.ts'

/** Where unfinished lines are kept, beside the log. */
export const tornFileName = 'events.torn'

/**
 * Sets aside what stands in the log after its last whole decision, at byte `offset`: a writer died while it wrote. The
 * bytes go to the end of `events.torn` and only once they are on the disk there, off the log. Under the log's lock.
 * Throws as the disk does.
 */
export const setAsideTornTail = (disk: Disk, logPath: string, fd: number, offset: number, size: number): void => {
  const torn = openSync(join(dirname(logPath), tornFileName), 'a')
  try {
    const buffer = Buffer.allocUnsafe(Math.min(size - offset, copyBytes))
    for (let at = offset; at < size;) {
      const read = disk.read(fd, buffer, 0, Math.min(buffer.length, size - at), at)
      if (read === 0) break
      appendAll(disk, torn, buffer.subarray(0, read))
      at += read
    }
    appendAll(disk, torn, Buffer.from('\n'))
    disk.datasync(torn)
  } finally {
    disk.close(torn)
  }
  disk.truncate(fd, offset)
}

const copyBytes = 1024 * 1024

/** Writes all of `bytes` at the end of the file, however often the system takes only a part. */
export const appendAll = (disk: Disk, fd: number, bytes: Uint8Array): void => {
  for (let written = 0; written < bytes.length;) {
    const count = disk.append(fd, written === 0 ? bytes : bytes.subarray(written))
    if (count === 0) throw Object.assign(new Error('the system wrote nothing'), { code: 'EIO' })
    written += count
  }
}
