import { print } from './output.ts'
import { cut } from './render/width.ts'
import { terminalColumns, terminalRows } from './terminal.ts'

/** The last lines of what a terminal shows, drawn again and again in their place. */
export type RedrawnLines = {
  /** Draws these in place of those that were drawn last; what does not fit is left out, and said to be. */
  readonly draw: (lines: ReadonlyArray<string>) => void
  /** Takes them away, so that something can be printed in their place. */
  readonly erase: () => void
  /** They stay as they are, and the next ones are drawn below. */
  readonly leave: () => void
}

export const redrawnLines = (): RedrawnLines => {
  let drawn = 0
  const erase = (): void => {
    if (drawn > 0) print(`\u001b[${drawn}A\r\u001b[J`)
    drawn = 0
  }
  const leave = (): void => {
    drawn = 0
  }
  return {
    draw: lines => {
      erase()
      const shown = fitting(lines)
      print(shown.map(line => `${line}\n`).join(''))
      drawn = shown.length
    },
    erase,
    leave,
  }
}

/** As many lines as the terminal has room for, none wider than it is: one that wraps would be two. */
const fitting = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const room = Math.max(2, terminalRows() - 1)
  const columns = Math.max(20, terminalColumns() - 1)
  const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`]
  return shown.map(line => cut(line, columns))
}
