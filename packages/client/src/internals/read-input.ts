import { isUtf8 } from 'node:buffer'
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'

/** The size at which input is refused, and a hint about larger input. */
export type InputLimit = {
  readonly bytesMax: number
  /** The longest line, for input that is read line by line. */
  readonly lineBytesMax?: number
  readonly hint: string
}

/** Why an input could not be read; `systemError`: a system call failed. */
export type InputError = { readonly detail: string; readonly hint: string; readonly systemError?: unknown }

const mebibyte = 1024 * 1024

/** Larger than any real batch of tasks, and small enough not to exhaust the machine's memory. */
export const batchLimit: InputLimit = { bytesMax: 256 * mebibyte, hint: 'split the tasks into smaller batches' }

const longLineHint = 'an event is at most 1 MiB: write the data to a separate file and pass its path'

/** For a payload, a result or progress. It must fit into a line of 1 MiB in the log; the rest allows for white space. */
export const valueLimit: InputLimit = { bytesMax: 16 * mebibyte, hint: longLineHint }

/** For tasks, one a line, with the same allowance. */
export const taskLinesLimit: InputLimit = { ...batchLimit, lineBytesMax: valueLimit.bytesMax }

/** Reads a file as text. See {@link readFileBytes}. */
export const readTextFile = (
  path: string,
  limit: InputLimit,
  signal?: AbortSignal,
): TE.TaskEither<InputError, string> =>
  pipe(
    readFileBytes(path, limit, signal),
    TE.chainW(bytes => TE.fromEither(decodeText(path, bytes))),
  )

/** Reads a stream as text until it ends; closes it early if there is a problem. */
export const readTextStream =
  (inputName: string, stream: AsyncIterable<unknown>, limit: InputLimit): TE.TaskEither<InputError, string> =>
  async () => {
    const input = createBoundedBuffer(inputName, limit)
    const error = await readStream(inputName, stream, input)
    return error === undefined ? decodeText(inputName, input.bytes()) : E.left(error)
  }

/**
 * Reads a file in pieces, up to the limit. The size reported by the system is not used: devices, pipes and files under
 * `/proc` have none, and others grow. A named pipe is read until its writers have closed it; Ctrl-C and `signal` interrupt
 * that.
 */
export const readFileBytes =
  (path: string, limit: InputLimit, signal?: AbortSignal): TE.TaskEither<InputError, Buffer> =>
  async () => {
    const input = createBoundedBuffer(path, limit)
    try {
      // Without O_NONBLOCK, opening a pipe would block the event loop, and with it Ctrl-C, until a writer opens it.
      const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
      const stats = fstatSync(fd)
      const error = (await mayBlock(fd, stats)) ? await readPipe(path, fd, stats, input, signal) : readFile(fd, input)
      return error === undefined ? E.right(input.bytes()) : E.left(error)
    } catch (thrown) {
      return E.left(toReadError(path, thrown))
    }
  }

/** True if reading may block, as on a pipe and on a terminal. */
const mayBlock = async (fd: number, stats: Stats): Promise<boolean> =>
  stats.isFIFO() || (stats.isCharacterDevice() && (await import('node:tty')).isatty(fd))

/** Collects the bytes of one input, up to a limit. */
type BoundedBuffer = {
  /** Keeps a copy of the chunk. */
  readonly append: (chunk: Buffer) => InputError | undefined
  readonly bytes: () => Buffer
}

const bufferBytesMin = 64 * 1024

/** Uses one buffer that doubles: concatenating chunks at the end would take twice the memory. */
const createBoundedBuffer = (
  inputName: string,
  { bytesMax, lineBytesMax = bytesMax, hint }: InputLimit,
): BoundedBuffer => {
  let buffer = Buffer.allocUnsafe(Math.min(bufferBytesMin, bytesMax))
  let length = 0
  let lineStart = 0
  return {
    append: chunk => {
      const end = length + chunk.length
      if (end > bytesMax) return { detail: `${inputName} is larger than ${formatMebibytes(bytesMax)}`, hint }
      if (end > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.min(bytesMax, Math.max(2 * buffer.length, end)))
        buffer.copy(larger, 0, 0, length)
        buffer = larger
      }
      chunk.copy(buffer, length)
      const lineBreak = chunk.lastIndexOf(0x0a)
      if (lineBreak >= 0) lineStart = length + lineBreak + 1
      length = end
      return length - lineStart > lineBytesMax
        ? { detail: `a line of ${inputName} is longer than ${formatMebibytes(lineBytesMax)}`, hint: longLineHint }
        : undefined
    },
    bytes: () => buffer.subarray(0, length),
  }
}

const formatMebibytes = (bytes: number): string => `${bytes / mebibyte} MiB`

const readFile = (fd: number, input: BoundedBuffer): InputError | undefined => {
  try {
    const piece = Buffer.allocUnsafe(mebibyte)
    for (;;) {
      const length = readSync(fd, piece, 0, piece.length, null)
      if (length === 0) return undefined
      const error = input.append(piece.subarray(0, length))
      if (error !== undefined) return error
    }
  } finally {
    closeSync(fd)
  }
}

const readPipe = async (
  path: string,
  fd: number,
  stats: Stats,
  input: BoundedBuffer,
  signal: AbortSignal | undefined,
): Promise<InputError | undefined> => {
  // Loaded on demand: few commands read a pipe.
  const stream = stats.isFIFO()
    ? new (await import('node:net')).Socket({ fd, readable: true, writable: false })
    : new (await import('node:tty')).ReadStream(fd)
  if (signal !== undefined) (await import('node:stream')).addAbortSignal(signal, stream)
  return readStream(path, stream, input)
}

const readStream = async (
  inputName: string,
  stream: AsyncIterable<unknown>,
  input: BoundedBuffer,
): Promise<InputError | undefined> => {
  try {
    for await (const chunk of stream) {
      const error = input.append(chunk as Buffer)
      if (error !== undefined) return error
    }
    return undefined
  } catch (thrown) {
    return toReadError(inputName, thrown)
  }
}

const decodeText = (inputName: string, bytes: Buffer): E.Either<InputError, string> =>
  isUtf8(bytes)
    ? E.right(bytes.toString())
    : E.left({ detail: `${inputName} is not valid UTF-8`, hint: 'save it as UTF-8' })

/** Describes an error of a system call. */
export const toReadError = (inputName: string, thrown: unknown): InputError => {
  const { code, message } = thrown as NodeJS.ErrnoException
  const reason = reasons[code ?? '']
  const detail = reason === undefined ? `could not read ${inputName}: ${message}` : `${inputName} ${reason}`
  return { detail, hint: 'check the path', systemError: thrown }
}

const reasons: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory, not a file',
  ENXIO: 'is a socket or a device that cannot be read, not a file',
}
