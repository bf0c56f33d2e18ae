import { constants, fstatSync, readSync } from 'node:fs'
import { withDescriptor } from '@claimlog/event-log-file'

/** git's one-line files contain a path, and few configurations are longer. */
const bytesMax = 64 * 1024

/** Reads a small regular file; undefined: it is unreadable, larger, or not a file. Never blocks. */
export const readSmallText = (path: string): string | undefined => {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer.
    return withDescriptor(path, constants.O_RDONLY | constants.O_NONBLOCK, fd => {
      const stats = fstatSync(fd)
      if (!stats.isFile() || stats.size > bytesMax) return undefined
      const bytes = Buffer.allocUnsafe(stats.size)
      return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0))
    })
  } catch {
    return undefined
  }
}
