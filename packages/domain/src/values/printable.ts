import { allowedInvisiblePattern, invisibleClass } from './invisible-characters.ts'

/** The fast path for nearly all texts: the only invisible characters are line breaks. */
const plainLines = /^[\n -~]*$/
const plainLine = /^[ -~]*$/

/** Built on first use: their character classes take a millisecond to build. */
type TextPatterns = { readonly invisible: RegExp; readonly allowed: RegExp }
let patterns: TextPatterns | undefined

const makePatterns = (): TextPatterns => ({
  invisible: new RegExp(`[${invisibleClass}]`, 'gu'),
  allowed: new RegExp(allowedInvisiblePattern(), 'uy'),
})

/**
 * Makes text from data safe to show on one line: invisible and terminal control characters become JSON escapes. JSON
 * text keeps its value. Joiners that a script or an emoji needs are kept.
 */
export const toPrintable = (text: string): string => (plainLine.test(text) ? text : escapeInvisible(text, ''))

/** The same for text of several lines: keeps line breaks. */
export const toPrintableLines = (text: string): string => (plainLines.test(text) ? text : escapeInvisible(text, '\n'))

/** Data as JSON on one line, with invisible characters escaped; it parses to the same value. */
export const toPrintableJson = (value: unknown): string => toPrintable(JSON.stringify(value))

/** Escapes invisible characters in all strings and field names of data, except line breaks and tabs. */
export const toPrintableData = (value: unknown): unknown => {
  if (typeof value === 'string') return plainLines.test(value) ? value : escapeInvisible(value, '\n\r\t')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toPrintableData)
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [toPrintableData(name) as string, toPrintableData(each)]),
  )
}

const escapeInvisible = (text: string, keptCharacters: string): string => {
  const { invisible, allowed } = (patterns ??= makePatterns())
  return text.replace(invisible, (character, index: number) => {
    if (keptCharacters.includes(character)) return character
    allowed.lastIndex = index
    return allowed.test(text) ? character : (shortEscapes[character] ?? escapeUnits(character))
  })
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Escapes each UTF-16 unit of a character. */
const escapeUnits = (character: string): string =>
  character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** Truncates `text` to `lengthMax` UTF-16 units, without splitting a surrogate pair. */
export const truncateText = (text: string, lengthMax: number): string => {
  const truncated = text.slice(0, lengthMax)
  return truncated.length < text.length ? truncated.replace(trailingHighSurrogate, '') : truncated
}

const trailingHighSurrogate = /[\ud800-\udbff]$/
