import { fstatSync, statSync } from 'node:fs'
import { devNull } from 'node:os'
import { print, tell } from './output.ts'

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
