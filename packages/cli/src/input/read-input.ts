import { isUtf8 } from 'node:buffer'
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { writeStderr } from '../output/output.ts'
import type { CliError } from '../cli-error.ts'

/** The size at which input is refused, and a hint about larger input. */
export type InputLimit = {
  readonly bytesMax: number
  /** The longest line, for input that is read line by line. */
  readonly lineBytesMax?: number
  readonly hint: string
}

const mebibyte = 1024 * 1024

/** Larger than any real batch of tasks, and small enough not to exhaust the machine's memory. */
export const batchLimit: InputLimit = { bytesMax: 256 * mebibyte, hint: 'split the tasks into smaller batches' }

/** A task fits into a line of 1 MiB in the log; the rest allows for white space and escapes. */
export const taskLinesLimit: InputLimit = { ...batchLimit, lineBytesMax: 16 * mebibyte }

/** For a payload, a result or progress. It must fit into a line of 1 MiB in the log; the rest allows for white space. */
export const valueLimit: InputLimit = {
  bytesMax: 16 * mebibyte,
  hint: 'an event is at most 1 MiB: write the data to a separate file and pass its path',
}

/** Reads stdin as text. */
export const readStdin =
  (limit: InputLimit): TE.TaskEither<CliError, string> =>
  async () => {
    if (process.stdin.isTTY) writeStderr('claimlog: reading from the keyboard; Ctrl-D ends the input\n')
    // Node treats a directory as empty input.
    if (fstatSync(0).isDirectory()) return toReadError('stdin', { code: 'EISDIR' })
    const input = createBoundedBuffer('stdin', limit)
    const error = await readStream('stdin', process.stdin, input)
    return error ?? decodeText('stdin', input.bytes())
  }

/** Reads a file as text. See {@link readFileBytes}. */
export const readTextFile = (path: string, limit: InputLimit): TE.TaskEither<CliError, string> =>
  pipe(
    readFileBytes(path, limit),
    TE.chainW(bytes => TE.fromEither(decodeText(path, bytes))),
  )

/**
 * Reads a file in pieces, up to the limit. The size reported by the system is not used: devices, pipes and files under
 * `/proc` have none, and others grow. A named pipe is read until its writers have closed it; Ctrl-C interrupts that.
 */
export const readFileBytes =
  (path: string, limit: InputLimit): TE.TaskEither<CliError, Buffer> =>
  async () => {
    const input = createBoundedBuffer(path, limit)
    try {
      // Without O_NONBLOCK, opening a pipe would block the event loop, and with it Ctrl-C, until a writer opens it.
      const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
      const stats = fstatSync(fd)
      const error = (await mayBlock(fd, stats)) ? await readPipe(path, fd, stats, input) : readFile(fd, input)
      return error ?? E.right(input.bytes())
    } catch (thrown) {
      return toReadError(path, thrown)
    }
  }

/** True if reading may block, as on a pipe and on a terminal. */
const mayBlock = async (fd: number, stats: Stats): Promise<boolean> =>
  stats.isFIFO() || (stats.isCharacterDevice() && (await import('node:tty')).isatty(fd))

/** The error about the input, if any. */
type InputError = E.Either<CliError, never> | undefined

/** Collects the bytes of one input, up to a limit. */
type BoundedBuffer = {
  /** Keeps a copy of the chunk. */
  readonly append: (chunk: Buffer) => InputError
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
      if (end > bytesMax) return toBadInput(`${inputName} is larger than ${formatMebibytes(bytesMax)}`, hint)
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
        ? toBadInput(`a line of ${inputName} is longer than ${formatMebibytes(lineBytesMax)}`, valueLimit.hint)
        : undefined
    },
    bytes: () => buffer.subarray(0, length),
  }
}

const formatMebibytes = (bytes: number): string => `${bytes / mebibyte} MiB`

const readFile = (fd: number, input: BoundedBuffer): InputError => {
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

const readPipe = async (path: string, fd: number, stats: Stats, input: BoundedBuffer): Promise<InputError> => {
  // Loaded on demand: few commands read a pipe.
  const stream = stats.isFIFO()
    ? new (await import('node:net')).Socket({ fd, readable: true, writable: false })
    : new (await import('node:tty')).ReadStream(fd)
  return readStream(path, stream, input)
}

/** Reads a stream until it ends, and closes it early if there is a problem. */
const readStream = async (
  inputName: string,
  stream: AsyncIterable<unknown>,
  input: BoundedBuffer,
): Promise<InputError> => {
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

const decodeText = (inputName: string, bytes: Buffer): E.Either<CliError, string> =>
  isUtf8(bytes) ? E.right(bytes.toString()) : toBadInput(`${inputName} is not valid UTF-8`, 'save it as UTF-8')

const toReadError = (inputName: string, thrown: unknown): E.Either<CliError, never> => {
  const { code, message } = thrown as NodeJS.ErrnoException
  const reason = reasons[code ?? '']
  return toBadInput(
    reason === undefined ? `could not read ${inputName}: ${message}` : `${inputName} ${reason}`,
    'check the path',
  )
}

const reasons: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory, not a file',
  ENXIO: 'is a socket or a device that cannot be read, not a file',
}

const toBadInput = (detail: string, hint: string): E.Either<CliError, never> =>
  E.left({ usage: 'bad_input', detail, hint })
