import { closeSync, constants, openSync, readSync } from 'node:fs'

/** Reads at most `length` bytes from the start of a file. Does not block if the file is a pipe. */
export const readAtMost = (path: string, length: number): Buffer => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const bytes = Buffer.allocUnsafe(length)
    let read = 0
    while (read < length) {
      const more = readSync(fd, bytes, read, length - read, read)
      if (more === 0) break
      read += more
    }
    return bytes.subarray(0, read)
  } finally {
    closeSync(fd)
  }
}
