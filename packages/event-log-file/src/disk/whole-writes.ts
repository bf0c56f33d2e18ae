import type { OpenFile } from './open-file.ts'

const copiedAtOnce = 1024 * 1024

/** Gives the bytes `from` up to `to` of a file to `take`, in pieces that are good until the next one. */
export const copyBytes = (
  file: OpenFile,
  from: number,
  to: number,
  take: (bytes: Buffer, offset: number) => void,
): void => {
  const buffer = Buffer.allocUnsafe(Math.min(to - from, copiedAtOnce))
  for (let at = from; at < to;) {
    const read = file.read(buffer, 0, Math.min(buffer.length, to - at), at)
    if (read === 0) throw systemTook('ended before what was to be copied')
    take(buffer.subarray(0, read), at)
    at += read
  }
}

/** Writes all of `bytes` at the end of the file, however often the system takes only a part. */
export const appendAll = (file: OpenFile, bytes: Uint8Array): void => writeAll(bytes, rest => file.append(rest))

/** Writes all of `bytes` over what is at `offset`, however often the system takes only a part. */
export const overwriteAll = (file: OpenFile, bytes: Uint8Array, offset: number): void =>
  writeAll(bytes, (rest, written) => file.overwrite(rest, offset + written))

const writeAll = (bytes: Uint8Array, write: (rest: Uint8Array, written: number) => number): void => {
  for (let written = 0; written < bytes.length;) {
    const count = write(written === 0 ? bytes : bytes.subarray(written), written)
    if (count === 0) throw systemTook('took nothing of what was to be written')
    written += count
  }
}

const systemTook = (what: string): Error => Object.assign(new Error(`EIO: the file ${what}`), { code: 'EIO' })
