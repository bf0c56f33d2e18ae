import { fstatSync, statSync, writeSync } from 'node:fs'
import { toPrintable, toPrintableJson, toPrintableLines, toWireName } from '@claimlog/client/unstable-internals'
import { opaqueFields, toDocument } from '@claimlog/wire'
import type { ShownError } from '../cli-error.ts'
import { devNull } from 'node:os'

/** A value as a JSON document, indented by 2, with control characters escaped. */
export const jsonDocument = (value: unknown): string =>
  `${toPrintableLines(JSON.stringify(toDocument(value), null, 2))}\n`

/** A value as a line of NDJSON, with control characters escaped. */
export const jsonLine = (value: unknown): string => `${toPrintableJson(toDocument(value))}\n`

/** A long text is printed in pieces of about this size. */
const pieceCharactersMax = 64 * 1024

/** Prints a value as a JSON document in pieces: with many tasks it can exceed the longest possible string. */
export const printDocument = (value: unknown): void => {
  let piece = ''
  for (const part of jsonParts(value)) {
    piece += part
    if (piece.length < pieceCharactersMax) continue
    writeStdout(toPrintableLines(piece))
    piece = ''
  }
  writeStdout(`${toPrintableLines(piece)}\n`)
}

/** Prints a result on stdout. If it cannot be written, exits with code 1, or with the current code if the reader is gone. */
export const writeStdout = (text: string): void => write(1, text, writeErrorHandlers[1])

/** Prints a message for the user on stderr. If it cannot be written, it is dropped without further effect. */
export const writeStderr = (text: string): void => write(2, text, writeErrorHandlers[2])

/** Passes on the output of a command run by this one, unchanged and on the same stream. */
export const passOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array): void => {
  const fd = stream === 'stdout' ? 1 : 2
  write(fd, bytes, writeErrorHandlers[fd])
}

/** The Node streams in use instead of direct writes, by file descriptor. */
const nodeStreams = new Map<number, NodeJS.WriteStream>()

/**
 * Writes without Node's streams, which take longer to load than most commands run. If a non-blocking pipe is full, the rest
 * and everything after it goes through the Node stream, which keeps the order.
 */
const write = (fd: 1 | 2, text: string | Uint8Array, onError: WriteErrorHandler): void => {
  const stream = nodeStreams.get(fd)
  if (stream !== undefined) {
    stream.write(text)
    return
  }
  let bytes = typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.buffer, text.byteOffset, text.length)
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(fd, bytes))
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') return onError(thrown as NodeJS.ErrnoException)
    useNodeStream(fd, onError).write(bytes)
  }
}

const useNodeStream = (fd: 1 | 2, onError: WriteErrorHandler): NodeJS.WriteStream => {
  const stream = fd === 1 ? process.stdout : process.stderr
  // After the reader of a pipe is gone, every write fails again: the listener must stay.
  stream.on('error', onError)
  nodeStreams.set(fd, stream)
  return stream
}

/**
 * Makes writes non-blocking, for a process that has other work to do: a full pipe no longer blocks it, however slow the
 * reader. A suspended terminal still does, because Node's terminal writes block. A stream that cannot be written no longer
 * ends the process; `onWriteError` is called for each failed write.
 */
export const makeOutputNonBlocking = (
  onWriteError: (stream: 'stdout' | 'stderr', thrown: NodeJS.ErrnoException) => void,
): void => {
  for (const [fd, name] of [
    [1, 'stdout'],
    [2, 'stderr'],
  ] as const) {
    writeErrorHandlers[fd] = thrown => onWriteError(name, thrown)
    nodeStreams.get(fd)?.removeAllListeners('error')
    useNodeStream(fd, writeErrorHandlers[fd])
  }
}

/** Resolves when the backlog of messages on stderr has drained; undefined if there is none. */
export const waitForStderr = (): Promise<void> | undefined => waitForStream(2)

/** True if output piles up because stdout is read too slowly. */
export const isBackpressured = (): boolean => nodeStreams.get(1)?.writableNeedDrain === true

/** Resolves when the backlog on stdout has drained; undefined if there is none. */
export const waitForStdout = (): Promise<void> | undefined => waitForStream(1)

const waitForStream = (fd: 1 | 2): Promise<void> | undefined => {
  const stream = nodeStreams.get(fd)
  if (stream === undefined || !stream.writableNeedDrain) return undefined
  const drain = pendingDrains.get(fd) ?? waitForDrain(stream).finally(() => pendingDrains.delete(fd))
  pendingDrains.set(fd, drain)
  return drain
}

/** One promise per stream, shared by all callers that wait: each would add a listener. */
const pendingDrains = new Map<1 | 2, Promise<void>>()

const waitForDrain = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise(resolve => {
    const done = (): void => {
      stream.off('drain', done)
      stream.off('error', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('error', done)
  })

/** True if all output has left the process. */
export const isFlushed = (): boolean => [...nodeStreams.values()].every(({ writableLength }) => writableLength === 0)

const exitOnWriteError = ({ code, message }: NodeJS.ErrnoException): void => {
  // The reader of our output is gone: there is no one to report to.
  if (code === 'EPIPE') process.exit()
  writeStderr(
    `claimlog: the result could not be written: ${message}\n` +
      '  The command itself was executed: claimlog show and claimlog status show the current state, and the same command\n' +
      '  with the same --request-id returns the same result.\n',
  )
  process.exit(1)
}

type WriteErrorHandler = (thrown: NodeJS.ErrnoException) => void

/** The handlers for a stream that cannot be written. */
const writeErrorHandlers: { 1: WriteErrorHandler; 2: WriteErrorHandler } = { 1: exitOnWriteError, 2: () => undefined }

/** An error as a JSON document. */
export const errorDocument = ({ error, message, hint, data }: ShownError): string =>
  jsonDocument({ ok: false, error, message, hint, ...data })

/** An error as one line of NDJSON. */
export const errorLine = ({ error, message, hint, data }: ShownError): string =>
  jsonLine({ ok: false, error, message, hint, ...data })

/** An error as text for people. */
export const errorText = ({ error, message, hint }: ShownError): string =>
  `claimlog: ${toPrintable(message)} (${error})\n  ${toPrintable(hint)}\n`

/** Down to this depth, where lists of tasks, events and lanes are, elements are separate parts. Anything deeper fits into a line. */
const depthMax = 3

/**
 * The text of `JSON.stringify(toDocument(value), null, 2)` in parts: with many large tasks it can exceed the longest possible
 * string. For data without methods, which all output is.
 */
export const jsonParts = function* (value: unknown, indent = '', depth = 0): Generator<string> {
  if (depth === depthMax || typeof value !== 'object' || value === null) {
    yield stringify(toDocument(value), indent)
    return
  }
  const inner = `${indent}  `
  const isList = Array.isArray(value)
  const [open, close] = isList ? '[]' : '{}'
  let separator = `${open}\n${inner}`
  for (const [name, each] of listEntries(value)) {
    yield isList ? separator : `${separator}${JSON.stringify(toWireName(name))}: `
    if (!isList && opaqueFields.has(name)) yield stringify(each, inner)
    else yield* jsonParts(each, inner, depth + 1)
    separator = `,\n${inner}`
  }
  yield separator.startsWith(',') ? `\n${indent}${close}` : `${open}${close}`
}

const stringify = (value: unknown, indent: string): string =>
  (JSON.stringify(value, null, 2) ?? 'null').replaceAll('\n', `\n${indent}`)

const listEntries = function* (value: object): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) for (const each of value as ReadonlyArray<unknown>) yield ['', each]
  else for (const entry of Object.entries(value)) if (entry[1] !== undefined) yield entry
}

/** Checks the file descriptor first: Node's streams take 3 ms to load, and most commands have no terminal there. */
const mayBeTerminal = (fd: number): boolean => {
  try {
    const stats = fstatSync(fd)
    return stats.isCharacterDevice() && stats.rdev !== statSync(devNull).rdev
  } catch {
    return false
  }
}

const stdoutMayBeTerminal = mayBeTerminal(1)

/** True if stdout is a terminal. */
export const isStdoutTerminal = (): boolean => stdoutMayBeTerminal && process.stdout.isTTY === true

/** The current width of that terminal in cells; infinite if there is none or its width is unknown. */
export const terminalColumns = (): number => (isStdoutTerminal() && process.stdout.columns) || Number.POSITIVE_INFINITY

/** True if stderr is a terminal. */
export const isStderrTerminal = (): boolean => mayBeTerminal(2) && process.stderr.isTTY === true

/** A terminal on which lines can be redrawn. */
export type Screen = {
  readonly write: (text: string) => void
  readonly columns: () => number
  readonly rows: () => number
  /** Calls `onResized` whenever the size changes, until the returned function is called. */
  readonly onResize: (onResized: () => void) => () => void
}

const createScreen = (stream: () => NodeJS.WriteStream, write: Screen['write']): Screen => ({
  write,
  columns: () => (stream().isTTY && stream().columns) || Number.POSITIVE_INFINITY,
  rows: () => (stream().isTTY && stream().rows) || 24,
  onResize: onResized => {
    stream().on('resize', onResized)
    return () => void stream().off('resize', onResized)
  },
})

/** The terminal on stdout. */
export const outputScreen = createScreen(() => process.stdout, writeStdout)

/** The terminal on stderr. */
export const messageScreen = createScreen(() => process.stderr, writeStderr)

/** Makes a sentence of a hint or a description: a capital letter first, a full stop last. */
export const toSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
