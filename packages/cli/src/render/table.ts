import stringWidth from 'fast-string-width'
import { bold } from './style.ts'

/** Rows under a heading, columns aligned by what a terminal shows, wide characters counted as two. */
export const renderTable = (heading: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = heading.map((title, column) =>
    rows.reduce((width, row) => Math.max(width, stringWidth(row[column] ?? '')), stringWidth(title)),
  )
  const line = (cells: ReadonlyArray<string>): string =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd()
  return [line(heading.map(title => bold(title))), ...rows.map(line)].map(text => `${text}\n`).join('')
}

/** Names with their values beside them, aligned. */
export const renderFields = (fields: ReadonlyArray<readonly [string, string | undefined]>): string => {
  const given = fields.filter((field): field is readonly [string, string] => field[1] !== undefined)
  const width = Math.max(...given.map(([name]) => name.length))
  return given.map(([name, value]) => `${bold(name.padEnd(width))}  ${value}\n`).join('')
}
