import { fstatSync, statSync, writeSync } from 'node:fs'
import { printable, printableJson, printableLines } from '@claimlog/client/unstable-internals'
import type { Problem } from '../problem.ts'
import { devNull } from 'node:os'

/** A JSON document, indented by 2, with nothing in it that a terminal would obey. */
export const jsonDocument = (value: unknown): string => `${printableLines(JSON.stringify(value, null, 2))}\n`

/** As much of a long text as is printed at once. */
const pieceCharacters = 64 * 1024

/** Prints a JSON document piece by piece: that of many tasks is longer than a string may be. */
export const printDocument = (value: unknown): void => {
  let piece = ''
  for (const part of jsonParts(value)) {
    piece += part
    if (piece.length < pieceCharacters) continue
    print(printableLines(piece))
    piece = ''
  }
  print(`${printableLines(piece)}\n`)
}

/** What was asked for, on stdout. Ends the process where it cannot be written: with exit code 1, unless nobody reads it. */
export const print = (text: string): void => write(1, text, whenUnwritable[1])

/** A message to the person, on stderr. One that cannot be written is lost, and takes nothing else with it. */
export const tell = (text: string): void => write(2, text, whenUnwritable[2])

/** What a command that this one runs has printed, on the same stream and as it is. */
export const handOn = (stream: 'stdout' | 'stderr', bytes: Uint8Array): void => {
  const fd = stream === 'stdout' ? 1 : 2
  write(fd, bytes, whenUnwritable[fd])
}

/** The streams that have taken over from {@link write}, by file descriptor. */
const takenOver = new Map<number, NodeJS.WriteStream>()

/**
 * Writes without Node's streams, which take longer to load than most commands to run. A pipe that is full and must not
 * be waited for, as its other end may want it, is left to the stream, and so is all that follows, to keep the order.
 */
const write = (fd: 1 | 2, text: string | Uint8Array, failed: Failed): void => {
  const stream = takenOver.get(fd)
  if (stream !== undefined) {
    stream.write(text)
    return
  }
  let bytes = typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.buffer, text.byteOffset, text.length)
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(fd, bytes))
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') return failed(thrown as NodeJS.ErrnoException)
    takeOver(fd, failed).write(bytes)
  }
}

const takeOver = (fd: 1 | 2, failed: Failed): NodeJS.WriteStream => {
  const stream = fd === 1 ? process.stdout : process.stderr
  // Each write to a pipe that nobody reads any more fails anew.
  stream.on('error', failed)
  takenOver.set(fd, stream)
  return stream
}

/**
 * For a process that has more to do than to print: from now on no pipe that is full is waited for, however slow its reader
 * is. A terminal that stands still is, as Node has it so. A stream that cannot be written does not end the process: `told`
 * hears of it, each time.
 */
export const goOnUnread = (told: (stream: 'stdout' | 'stderr', thrown: NodeJS.ErrnoException) => void): void => {
  for (const [fd, name] of [
    [1, 'stdout'],
    [2, 'stderr'],
  ] as const) {
    whenUnwritable[fd] = thrown => told(name, thrown)
    takenOver.get(fd)?.removeAllListeners('error')
    takeOver(fd, whenUnwritable[fd])
  }
}

/** Messages that are not read as fast as they come pile up: resolves when few are left; undefined: they do not. */
export const untilTold = (): Promise<void> | undefined => untilTaken(2)

/** Whether what was printed piles up, as it is not read as fast as it comes. */
export const isUnread = (): boolean => takenOver.get(1)?.writableNeedDrain === true

/** Resolves when little of what was printed is left; undefined: it does not pile up. */
export const untilRead = (): Promise<void> | undefined => untilTaken(1)

const untilTaken = (fd: 1 | 2): Promise<void> | undefined => {
  const stream = takenOver.get(fd)
  if (stream === undefined || !stream.writableNeedDrain) return undefined
  const drained = draining.get(fd) ?? untilDrained(stream).finally(() => draining.delete(fd))
  draining.set(fd, drained)
  return drained
}

/** One for all that wait: each of them would be a listener of its own. */
const draining = new Map<1 | 2, Promise<void>>()

const untilDrained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise(resolve => {
    const done = (): void => {
      stream.off('drain', done)
      stream.off('error', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('error', done)
  })

/** Whether all that was printed has left the process. */
export const isPrinted = (): boolean => [...takenOver.values()].every(({ writableLength }) => writableLength === 0)

const endUnprinted = ({ code, message }: NodeJS.ErrnoException): void => {
  // Whoever reads our output has stopped: there is nobody left to tell anything.
  if (code === 'EPIPE') process.exit()
  tell(
    `claimlog: what the command came to could not be written: ${message}\n` +
      '  The command itself was carried out: claimlog show and claimlog status tell where things stand, and the same\n' +
      '  command with the same --request-id gets the same answer.\n',
  )
  process.exit(1)
}

type Failed = (thrown: NodeJS.ErrnoException) => void

/** What happens where a stream cannot be written. */
const whenUnwritable: { 1: Failed; 2: Failed } = { 1: endUnprinted, 2: () => undefined }

/** A refusal as programs read it. */
export const problemDocument = ({ error, message, hint, data }: Problem): string =>
  jsonDocument({ ok: false, error, message, hint, ...data })

/** A refusal as programs read it from a stream. */
export const problemLine = ({ error, message, hint, data }: Problem): string =>
  `${printableJson({ ok: false, error, message, hint, ...data })}\n`

/** A refusal as people read it. */
export const problemText = ({ error, message, hint }: Problem): string =>
  `claimlog: ${printable(message)} (${error})\n  ${printable(hint)}\n`

/** Lists this far down are given element by element: those of tasks, events and lanes are. What is deeper fits into a line of the log. */
const maxDepth = 3

/**
 * The text of `JSON.stringify(value, null, 2)` in parts: that of many large tasks is longer than a string may be. For data
 * without methods, as every output is.
 */
export const jsonParts = function* (value: unknown, indent = '', depth = 0): Generator<string> {
  if (depth === maxDepth || typeof value !== 'object' || value === null) {
    yield (JSON.stringify(value, null, 2) ?? 'null').replaceAll('\n', `\n${indent}`)
    return
  }
  const inner = `${indent}  `
  const isList = Array.isArray(value)
  const [open, close] = isList ? '[]' : '{}'
  let separator = `${open}\n${inner}`
  for (const [name, each] of entriesOf(value)) {
    yield isList ? separator : `${separator}${JSON.stringify(name)}: `
    yield* jsonParts(each, inner, depth + 1)
    separator = `,\n${inner}`
  }
  yield separator.startsWith(',') ? `\n${indent}${close}` : `${open}${close}`
}

const entriesOf = function* (value: object): Generator<readonly [string, unknown]> {
  if (Array.isArray(value)) for (const each of value as ReadonlyArray<unknown>) yield ['', each]
  else for (const entry of Object.entries(value)) if (entry[1] !== undefined) yield entry
}

/** Asks the system first: Node's streams take 3 ms to load, and most commands have a pipe, a file or nothing there. */
const mayBeTerminal = (fd: number): boolean => {
  try {
    const there = fstatSync(fd)
    return there.isCharacterDevice() && there.rdev !== statSync(devNull).rdev
  } catch {
    return false
  }
}

const stdoutMayBe = mayBeTerminal(1)

/** Whether what is printed goes to a terminal. */
export const isTerminal = (): boolean => stdoutMayBe && process.stdout.isTTY === true

/** How wide that terminal is at the moment, in cells; where there is none, or it does not know, nothing is too wide. */
export const terminalColumns = (): number => (isTerminal() && process.stdout.columns) || Number.POSITIVE_INFINITY

/** Whether messages go to a terminal. */
export const tellsTerminal = (): boolean => mayBeTerminal(2) && process.stderr.isTTY === true

/** A terminal that lines can be drawn on again and again. */
export type Screen = {
  readonly write: (text: string) => void
  readonly columns: () => number
  readonly rows: () => number
  /** Calls `resized` whenever its size changes; the answer ends that. */
  readonly onResize: (resized: () => void) => () => void
}

const screenOf = (stream: () => NodeJS.WriteStream, write: Screen['write']): Screen => ({
  write,
  columns: () => (stream().isTTY && stream().columns) || Number.POSITIVE_INFINITY,
  rows: () => (stream().isTTY && stream().rows) || 24,
  onResize: resized => {
    stream().on('resize', resized)
    return () => void stream().off('resize', resized)
  },
})

/** The terminal of what is printed. */
export const outputScreen = screenOf(() => process.stdout, print)

/** The terminal of messages. */
export const messageScreen = screenOf(() => process.stderr, tell)
