import { terminalColumns } from '../output/output.ts'
import { bold } from './style.ts'
import { cutToWidth, measureWidth } from './text.ts'

const gap = 2
/** Columns are not shrunk below this. */
const columnWidthMin = 8
/** The widest column without a terminal: one long text must not pad every row to its length. */
const columnWidthMax = 300

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
    rows.reduce((width, row) => Math.max(width, measureWidth(row[column] ?? '')), measureWidth(title)),
  )
  const widths = fitColumns(natural, columns)
  const line = (cells: ReadonlyArray<string>): string =>
    cells
      .map((cell, column) => padCell(cell, widths[column] ?? 0))
      .join(' '.repeat(gap))
      .trimEnd()
  return [line(heading.map(title => bold(title))), ...rows.map(line)].map(text => `${text}\n`).join('')
}

const fitColumns = (natural: ReadonlyArray<number>, columns: number): ReadonlyArray<number> => {
  if (!Number.isFinite(columns)) return natural.map(width => Math.min(width, columnWidthMax))
  const room = columns - gap * (natural.length - 1)
  const computeExcess = (widths: ReadonlyArray<number>): number => widths.reduce((sum, width) => sum + width, -room)
  const excess = computeExcess(natural)
  if (excess <= 0) return natural
  const last = natural.length - 1
  let widths = natural.map((width, column) =>
    column === last ? Math.max(Math.min(width, columnWidthMin), width - excess) : width,
  )
  for (let cap = room; cap >= columnWidthMin && computeExcess(widths) > 0; cap -= 1)
    widths = widths.map(width => Math.min(width, cap))
  return widths
}

const padCell = (cell: string, width: number): string => {
  const cutCell = cutToWidth(cell, width)
  return cutCell + ' '.repeat(Math.max(0, width - measureWidth(cutCell)))
}

/** Names and values, one line per field, aligned; fields without a value are left out. */
export const renderFields = (fields: ReadonlyArray<readonly [string, string | undefined]>): string => {
  const presentFields = fields.filter((field): field is readonly [string, string] => field[1] !== undefined)
  const width = Math.max(...presentFields.map(([name]) => name.length))
  return presentFields.map(([name, value]) => `${bold(name.padEnd(width))}  ${value}\n`).join('')
}
