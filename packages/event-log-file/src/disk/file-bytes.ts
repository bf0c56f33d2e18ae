import { closeSync, constants, openSync, readSync } from 'node:fs'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** The word for what the system would not do. */
export const codeOf = (thrown: unknown): string | undefined => (thrown as NodeJS.ErrnoException).code

/** Has `body` work on the open file. */
export const withOpen = <A>(path: string, flags: number, body: (fd: number) => A): A => {
  const fd = openSync(path, flags)
  try {
    return body(fd)
  } finally {
    closeSync(fd)
  }
}

/** More than a stamp has, or the end of a `queue.json` that names its seq. */
export const headBytes = 256

/** What a file has from `offset` on, at most {@link headBytes}. */
export const bytesAt = (path: string, offset: number): string =>
  withOpen(path, O_RDONLY | O_NONBLOCK, fd => {
    const bytes = Buffer.allocUnsafe(headBytes)
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, headBytes, offset))
  })

/** The beginning of a file of ours; '' where there is none, or something else has its name. */
export const firstBytes = (path: string): string => {
  try {
    return withOpen(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, fd => {
      const bytes = Buffer.allocUnsafe(headBytes)
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, headBytes, 0))
    })
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ESPIPE', 'EAGAIN', 'ENXIO'].includes(codeOf(thrown) ?? '')) return ''
    throw thrown
  }
}
