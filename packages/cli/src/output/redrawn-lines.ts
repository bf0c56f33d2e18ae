import { cutToWidth } from '../render/text.ts'
import { outputScreen, type Screen } from './output.ts'

/** The last lines of a screen, redrawn in place. */
export type RedrawnLines = {
  /** Replaces the lines drawn last. Lines that do not fit are left out, and a last line gives their number. */
  readonly draw: (lines: ReadonlyArray<string>) => void
  /** Erases the lines, so that other output can be printed there. */
  readonly erase: () => void
  /** Leaves the lines as they are; the next ones are drawn below. */
  readonly leave: () => void
}

export const createRedrawnLines = (screen: Screen = outputScreen): RedrawnLines => {
  let drawnCount = 0
  const erase = (): void => {
    if (drawnCount > 0) screen.write(`\u001b[${drawnCount}A\r\u001b[J`)
    drawnCount = 0
  }
  const leave = (): void => {
    drawnCount = 0
  }
  return {
    draw: lines => {
      erase()
      const shown = fitLines(lines, screen)
      screen.write(shown.map(line => `${line}\n`).join(''))
      drawnCount = shown.length
    },
    erase,
    leave,
  }
}

/** As many lines as fit on the screen, each cut to its width: a line that wraps would take two rows. */
const fitLines = (lines: ReadonlyArray<string>, screen: Screen): ReadonlyArray<string> => {
  const room = Math.max(2, screen.rows() - 1)
  const columns = Math.max(20, screen.columns() - 1)
  const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`]
  return shown.map(line => cutToWidth(line, columns))
}
