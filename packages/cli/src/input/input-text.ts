import { isUtf8 } from 'node:buffer'
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { tell } from '../output/output.ts'
import type { CliError } from '../problem.ts'

/** The size at which input is refused, and a hint about larger input. */
export type InputLimit = {
  readonly maxBytes: number
  /** The longest line, for input that is read line by line. */
  readonly maxLineBytes?: number
  readonly mend: string
}

const mebibyte = 1024 * 1024

/** Larger than any real batch of tasks, and small enough not to exhaust the machine's memory. */
export const batchLimit: InputLimit = { maxBytes: 256 * mebibyte, mend: 'split the tasks into smaller batches' }

/** A task fits into a line of 1 MiB in the log; the rest allows for white space and escapes. */
export const taskLinesLimit: InputLimit = { ...batchLimit, maxLineBytes: 16 * mebibyte }

/** For a payload, a result or progress. It must fit into a line of 1 MiB in the log; the rest allows for white space. */
export const valueLimit: InputLimit = {
  maxBytes: 16 * mebibyte,
  mend: 'an event is at most 1 MiB: write the data to a separate file and pass its path',
}

/** Reads stdin as text. */
export const readStdin =
  (limit: InputLimit): TE.TaskEither<CliError, string> =>
  async () => {
    if (process.stdin.isTTY) tell('claimlog: reading from the keyboard; Ctrl-D ends the input\n')
    // Node treats a directory as empty input.
    if (fstatSync(0).isDirectory()) return unreadable('stdin', { code: 'EISDIR' })
    const input = boundedBytes('stdin', limit)
    const problem = await takeStream('stdin', process.stdin, input)
    return problem ?? asText('stdin', input.bytes())
  }

/** Reads a file as text. See {@link readFileBytes}. */
export const readTextFile = (path: string, limit: InputLimit): TE.TaskEither<CliError, string> =>
  pipe(
    readFileBytes(path, limit),
    TE.chainW(bytes => TE.fromEither(asText(path, bytes))),
  )

/**
 * Reads a file in pieces, up to the limit. The size reported by the system is not used: devices, pipes and files under
 * `/proc` have none, and others grow. A named pipe is read until its writers have closed it; Ctrl-C interrupts that.
 */
export const readFileBytes =
  (path: string, limit: InputLimit): TE.TaskEither<CliError, Buffer> =>
  async () => {
    const input = boundedBytes(path, limit)
    try {
      // Without O_NONBLOCK, opening a pipe would block the event loop, and with it Ctrl-C, until a writer opens it.
      const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
      const stats = fstatSync(fd)
      const problem = (await isWaitedFor(fd, stats)) ? await takePipe(path, fd, stats, input) : takeFile(fd, input)
      return problem ?? E.right(input.bytes())
    } catch (thrown) {
      return unreadable(path, thrown)
    }
  }

/** True if reading may block, as on a pipe and on a terminal. */
const isWaitedFor = async (fd: number, stats: Stats): Promise<boolean> =>
  stats.isFIFO() || (stats.isCharacterDevice() && (await import('node:tty')).isatty(fd))

/** The error about the input, if any. */
type Problem = E.Either<CliError, never> | undefined

/** Collects the bytes of one input, up to a limit. */
type BoundedBytes = {
  /** Keeps a copy of the chunk. */
  readonly take: (chunk: Buffer) => Problem
  readonly bytes: () => Buffer
}

const smallestBuffer = 64 * 1024

/** Uses one buffer that doubles: concatenating chunks at the end would take twice the memory. */
const boundedBytes = (what: string, { maxBytes, maxLineBytes = maxBytes, mend }: InputLimit): BoundedBytes => {
  let buffer = Buffer.allocUnsafe(Math.min(smallestBuffer, maxBytes))
  let length = 0
  let lineStart = 0
  return {
    take: chunk => {
      const end = length + chunk.length
      if (end > maxBytes) return badInput(`${what} is larger than ${inMebibytes(maxBytes)}`, mend)
      if (end > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(2 * buffer.length, end)))
        buffer.copy(larger, 0, 0, length)
        buffer = larger
      }
      chunk.copy(buffer, length)
      const lineBreak = chunk.lastIndexOf(0x0a)
      if (lineBreak >= 0) lineStart = length + lineBreak + 1
      length = end
      return length - lineStart > maxLineBytes
        ? badInput(`a line of ${what} is longer than ${inMebibytes(maxLineBytes)}`, valueLimit.mend)
        : undefined
    },
    bytes: () => buffer.subarray(0, length),
  }
}

const inMebibytes = (bytes: number): string => `${bytes / mebibyte} MiB`

const takeFile = (fd: number, input: BoundedBytes): Problem => {
  try {
    const piece = Buffer.allocUnsafe(mebibyte)
    for (;;) {
      const length = readSync(fd, piece, 0, piece.length, null)
      if (length === 0) return undefined
      const problem = input.take(piece.subarray(0, length))
      if (problem !== undefined) return problem
    }
  } finally {
    closeSync(fd)
  }
}

const takePipe = async (path: string, fd: number, stats: Stats, input: BoundedBytes): Promise<Problem> => {
  // Loaded on demand: few commands read a pipe.
  const stream = stats.isFIFO()
    ? new (await import('node:net')).Socket({ fd, readable: true, writable: false })
    : new (await import('node:tty')).ReadStream(fd)
  return takeStream(path, stream, input)
}

/** Reads a stream until it ends, and closes it early if there is a problem. */
const takeStream = async (what: string, stream: AsyncIterable<unknown>, input: BoundedBytes): Promise<Problem> => {
  try {
    for await (const chunk of stream) {
      const problem = input.take(chunk as Buffer)
      if (problem !== undefined) return problem
    }
    return undefined
  } catch (thrown) {
    return unreadable(what, thrown)
  }
}

const asText = (what: string, bytes: Buffer): E.Either<CliError, string> =>
  isUtf8(bytes) ? E.right(bytes.toString()) : badInput(`${what} is not valid UTF-8`, 'save it as UTF-8')

const unreadable = (what: string, thrown: unknown): E.Either<CliError, never> => {
  const { code, message } = thrown as NodeJS.ErrnoException
  const why = reasons[code ?? '']
  return badInput(why === undefined ? `could not read ${what}: ${message}` : `${what} ${why}`, 'check the path')
}

const reasons: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory, not a file',
  ENXIO: 'is a socket or a device that cannot be read, not a file',
}

const badInput = (detail: string, mend: string): E.Either<CliError, never> =>
  E.left({ usage: 'bad_input', detail, mend })
