import { cut } from '../render/text.ts'
import { outputScreen, type Screen } from './output.ts'

/** The last lines of what a screen shows, drawn again and again in their place. */
export type RedrawnLines = {
  /** Draws these in place of those that were drawn last; what does not fit is left out, and said to be. */
  readonly draw: (lines: ReadonlyArray<string>) => void
  /** Takes them away, so that something can be printed in their place. */
  readonly erase: () => void
  /** They stay as they are, and the next ones are drawn below. */
  readonly leave: () => void
}

export const redrawnLines = (screen: Screen = outputScreen): RedrawnLines => {
  let drawn = 0
  const erase = (): void => {
    if (drawn > 0) screen.write(`\u001b[${drawn}A\r\u001b[J`)
    drawn = 0
  }
  const leave = (): void => {
    drawn = 0
  }
  return {
    draw: lines => {
      erase()
      const shown = fitting(lines, screen)
      screen.write(shown.map(line => `${line}\n`).join(''))
      drawn = shown.length
    },
    erase,
    leave,
  }
}

/** As many lines as the screen has room for, none wider than it is: one that wraps would be two. */
const fitting = (lines: ReadonlyArray<string>, screen: Screen): ReadonlyArray<string> => {
  const room = Math.max(2, screen.rows() - 1)
  const columns = Math.max(20, screen.columns() - 1)
  const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`]
  return shown.map(line => cut(line, columns))
}
