import { hashAfter } from '../support/log/log-chain.ts'

/** A line as it stands in the bytes of a log. */
export type PlacedLine = {
  /** Without its newline. */
  readonly text: string
  /** Its first byte, and the one after its newline. */
  readonly start: number
  readonly end: number
  /** Its decision goes on with the next line. */
  readonly more: boolean
}

/** The lines of a sound log, each where it stands. */
export const linesIn = (bytes: Buffer): ReadonlyArray<PlacedLine> => {
  const lines: Array<PlacedLine> = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start) + 1
    const text = bytes.toString('utf8', start, end - 1)
    lines.push({ text, start, end, more: (JSON.parse(text) as { readonly more?: true }).more === true })
    start = end
  }
  return lines
}

/** The text of lines, each with its newline. */
export const textOf = (lines: ReadonlyArray<PlacedLine>): string => lines.map(({ text }) => `${text}\n`).join('')

/** How many lines belong to decisions that have ended by byte `at`. */
export const wholeBy = (lines: ReadonlyArray<PlacedLine>, at: number): number => {
  for (let count = lines.filter(line => line.end <= at).length; count > 0; count -= 1)
    if (lines[count - 1]?.more === false) return count
  return 0
}

/** A log's line, made as docs/format.md says it from its JSON text and the digits of the line before it. */
export const sealed = (before: string, json: string): string =>
  `${json.slice(0, -1)},"hash":"${hashAfter(before, json)}"}\n`

/** The digits that the last whole line of `bytes` ends in; nothing where there is none. */
const lastDigits = (bytes: Buffer): string => {
  const end = bytes.lastIndexOf(0x0a)
  return end < 0 ? '' : bytes.toString('latin1', end - 34, end - 2)
}

/** `bytes` with further lines, each chained to the one before it. */
export const withLines = (bytes: Buffer, ...jsons: ReadonlyArray<string>): Buffer =>
  jsons.reduce((log, json) => Buffer.concat([log, Buffer.from(sealed(lastDigits(log), json))]), bytes)
