import { closeSync, constants, openSync, readSync } from 'node:fs'

/** Reads at most `length` bytes from the start of a file. Does not block if the file is a pipe. */
export const readPrefix = (path: string, length: number): Buffer => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const bytes = Buffer.allocUnsafe(length)
    let bytesRead = 0
    while (bytesRead < length) {
      const count = readSync(fd, bytes, bytesRead, length - bytesRead, bytesRead)
      if (count === 0) break
      bytesRead += count
    }
    return bytes.subarray(0, bytesRead)
  } finally {
    closeSync(fd)
  }
}
