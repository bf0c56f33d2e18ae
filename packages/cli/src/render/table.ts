import { terminalColumns } from '../output/output.ts'
import { bold } from './style.ts'
import { cut, widthOf } from './text.ts'

const gap = 2
/** Columns are not shrunk below this. */
const narrowest = 8
/** The widest column without a terminal: one long text must not pad every row to its length. */
const widest = 300

/**
 * Rows under a heading, columns aligned by display width, with wide characters counted as two. On a narrow terminal the last
 * column is shrunk first, then the widest ones.
 */
export const renderTable = (
  heading: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  columns = terminalColumns(),
): string => {
  const natural = heading.map((title, column) =>
    rows.reduce((width, row) => Math.max(width, widthOf(row[column] ?? '')), widthOf(title)),
  )
  const widths = fitted(natural, columns)
  const line = (cells: ReadonlyArray<string>): string =>
    cells
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join(' '.repeat(gap))
      .trimEnd()
  return [line(heading.map(title => bold(title))), ...rows.map(line)].map(text => `${text}\n`).join('')
}

const fitted = (natural: ReadonlyArray<number>, columns: number): ReadonlyArray<number> => {
  if (!Number.isFinite(columns)) return natural.map(width => Math.min(width, widest))
  const room = columns - gap * (natural.length - 1)
  const excessOf = (widths: ReadonlyArray<number>): number => widths.reduce((sum, width) => sum + width, -room)
  const excess = excessOf(natural)
  if (excess <= 0) return natural
  const last = natural.length - 1
  let widths = natural.map((width, column) =>
    column === last ? Math.max(Math.min(width, narrowest), width - excess) : width,
  )
  for (let cap = room; cap >= narrowest && excessOf(widths) > 0; cap -= 1)
    widths = widths.map(width => Math.min(width, cap))
  return widths
}

const padded = (cell: string, width: number): string => {
  const shown = cut(cell, width)
  return shown + ' '.repeat(Math.max(0, width - widthOf(shown)))
}

/** Names and values, one line per field, aligned; fields without a value are left out. */
export const renderFields = (fields: ReadonlyArray<readonly [string, string | undefined]>): string => {
  const given = fields.filter((field): field is readonly [string, string] => field[1] !== undefined)
  const width = Math.max(...given.map(([name]) => name.length))
  return given.map(([name, value]) => `${bold(name.padEnd(width))}  ${value}\n`).join('')
}
