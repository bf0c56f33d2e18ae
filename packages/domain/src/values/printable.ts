import { neededPattern, unseenClass } from './unseen.ts'

/** The fast path for nearly all texts: the only invisible characters are line breaks. */
const plainLines = /^[\n -~]*$/
const plainLine = /^[ -~]*$/

/** Built on first use: their character classes take a millisecond to build. */
type Patterns = { readonly unseen: RegExp; readonly needed: RegExp }
let patterns: Patterns | undefined

const makePatterns = (): Patterns => ({
  unseen: new RegExp(`[${unseenClass}]`, 'gu'),
  needed: new RegExp(neededPattern(), 'uy'),
})

/**
 * Makes text from data safe to show on one line: invisible and terminal control characters become JSON escapes. JSON
 * text keeps its value. Joiners that a script or an emoji needs are kept.
 */
export const printable = (text: string): string => (plainLine.test(text) ? text : escaped(text, ''))

/** The same for text of several lines: keeps line breaks. */
export const printableLines = (text: string): string => (plainLines.test(text) ? text : escaped(text, '\n'))

/** Data as JSON on one line, with invisible characters escaped; it parses to the same value. */
export const printableJson = (value: unknown): string => printable(JSON.stringify(value))

/** Escapes invisible characters in all strings and field names of data, except line breaks and tabs. */
export const printableData = (value: unknown): unknown => {
  if (typeof value === 'string') return plainLines.test(value) ? value : escaped(value, '\n\r\t')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(printableData)
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [printableData(name) as string, printableData(each)]),
  )
}

const escaped = (text: string, kept: string): string => {
  const { unseen, needed } = (patterns ??= makePatterns())
  return text.replace(unseen, (character, at: number) => {
    if (kept.includes(character)) return character
    needed.lastIndex = at
    return needed.test(text) ? character : (shortEscapes[character] ?? unitsOf(character))
  })
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Escapes each UTF-16 unit of a character. */
const unitsOf = (character: string): string =>
  character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** Truncates `text` to `lengthMax` UTF-16 units, without splitting a surrogate pair. */
export const beginningOf = (text: string, most: number): string => {
  const beginning = text.slice(0, most)
  return beginning.length < text.length ? beginning.replace(firstHalfAtEnd, '') : beginning
}

const firstHalfAtEnd = /[\ud800-\udbff]$/
