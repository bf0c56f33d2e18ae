import { closeSync, constants, openSync, readSync } from 'node:fs'

/** The first `length` bytes of a file, or all of it if it is shorter. Does not wait for a pipe that has taken its place. */
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
