import { fstatSync, statSync } from 'node:fs'
import { devNull } from 'node:os'

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

/** How many lines that terminal shows at the moment; where it does not know, as many as the first ones did. */
export const terminalRows = (): number => (isTerminal() && process.stdout.rows) || 24

/** Whether messages go to a terminal. */
export const tellsTerminal = (): boolean => mayBeTerminal(2) && process.stderr.isTTY === true
