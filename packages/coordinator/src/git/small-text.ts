import { constants, readSync } from 'node:fs'
import { withOpen } from '../file-bytes.ts'

/** git's own files of one line hold a path, and few configurations are longer. */
const bytesMax = 64 * 1024

/** The text of a small regular file; undefined: it cannot be read, is longer, or is something else. Never waits. */
export const smallText = (path: string): string | undefined => {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer.
    return withOpen(path, constants.O_RDONLY | constants.O_NONBLOCK, fd => {
      const bytes = Buffer.allocUnsafe(bytesMax + 1)
      const length = readSync(fd, bytes, 0, bytes.length, 0)
      return length > bytesMax ? undefined : bytes.toString('utf8', 0, length)
    })
  } catch {
    return undefined
  }
}
