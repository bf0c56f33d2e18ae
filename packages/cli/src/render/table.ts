import fastStringTruncatedWidth from 'fast-string-truncated-width'
import { bold } from './style.ts'

const gap = 2
/** A column that gives way is not made narrower than this. */
const narrowest = 8

const widthOf = (text: string): number => fastStringTruncatedWidth(text).width

/**
 * Rows under a heading, columns aligned by what a terminal shows, wide characters counted as two. On a terminal that is
 * too narrow the last column gives way, then the first.
 */
export const renderTable = (heading: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const natural = heading.map((title, column) =>
    rows.reduce((width, row) => Math.max(width, widthOf(row[column] ?? '')), widthOf(title)),
  )
  const widths = fitted(natural, process.stdout.columns)
  const line = (cells: ReadonlyArray<string>): string =>
    cells
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join(' '.repeat(gap))
      .trimEnd()
  return [line(heading.map(title => bold(title))), ...rows.map(line)].map(text => `${text}\n`).join('')
}

const fitted = (natural: ReadonlyArray<number>, columns: number | undefined): ReadonlyArray<number> => {
  if (columns === undefined) return natural
  const widths = [...natural]
  for (const column of [widths.length - 1, 0]) {
    const excess = widths.reduce((sum, width) => sum + width + gap, -gap) - columns
    const width = widths[column] ?? 0
    if (excess > 0) widths[column] = Math.max(Math.min(width, narrowest), width - excess)
  }
  return widths
}

const padded = (cell: string, width: number): string => {
  const whole = widthOf(cell)
  if (whole <= width) return cell + ' '.repeat(width - whole)
  const cut = fastStringTruncatedWidth(cell, { limit: width, ellipsis: '…', ellipsisWidth: 1 })
  return `${cell.slice(0, cut.index)}…${' '.repeat(Math.max(0, width - cut.width - 1))}`
}

/** Names with their values beside them, aligned. */
export const renderFields = (fields: ReadonlyArray<readonly [string, string | undefined]>): string => {
  const given = fields.filter((field): field is readonly [string, string] => field[1] !== undefined)
  const width = Math.max(...given.map(([name]) => name.length))
  return given.map(([name, value]) => `${bold(name.padEnd(width))}  ${value}\n`).join('')
}
