import { chainHash } from '../support/log/log-chain.ts'

/** A line and its position in the bytes of a log. */
export type LineSpan = {
  /** The text without its newline. */
  readonly text: string
  /** The offset of its first byte; `end` is that of the byte after its newline. */
  readonly start: number
  readonly end: number
  /** True if its decision continues with the next line. */
  readonly more: boolean
}

/** Splits a valid log into its lines with their positions. */
export const splitLines = (bytes: Buffer): ReadonlyArray<LineSpan> => {
  const lines: Array<LineSpan> = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start) + 1
    const text = bytes.toString('utf8', start, end - 1)
    lines.push({ text, start, end, more: (JSON.parse(text) as { readonly more?: true }).more === true })
    start = end
  }
  return lines
}

/** Joins lines, each with its newline. */
export const joinLines = (lines: ReadonlyArray<LineSpan>): string => lines.map(({ text }) => `${text}\n`).join('')

/** The number of lines in the decisions that are complete at byte `offset`. */
export const countCompleteLines = (lines: ReadonlyArray<LineSpan>, offset: number): number => {
  for (let count = lines.filter(line => line.end <= offset).length; count > 0; count -= 1)
    if (lines[count - 1]?.more === false) return count
  return 0
}

/** Adds to a line's JSON text the hash after the hash `previousHash`, as docs/reference/format.md specifies it. */
export const chainLine = (previousHash: string, json: string): string =>
  `${json.slice(0, -1)},"hash":"${chainHash(previousHash, json)}"}\n`

/** The hash of the last complete line of `bytes`; empty if there is none. */
const lastHash = (bytes: Buffer): string => {
  const end = bytes.lastIndexOf(0x0a)
  return end < 0 ? '' : bytes.toString('latin1', end - 34, end - 2)
}

/** Appends lines to `bytes`, each chained to the line before it. */
export const appendLines = (bytes: Buffer, ...lineTexts: ReadonlyArray<string>): Buffer =>
  lineTexts.reduce((log, json) => Buffer.concat([log, Buffer.from(chainLine(lastHash(log), json))]), bytes)
