import { neededPattern, unseenClass } from './unseen.ts'

/** Nearly every text there is: nothing in it is unseen but line breaks. */
const plainLines = /^[\n -~]*$/
const plainLine = /^[ -~]*$/

/** Made when they are needed: their classes take a millisecond to build. */
type Patterns = { readonly unseen: RegExp; readonly needed: RegExp }
let patterns: Patterns | undefined

const makePatterns = (): Patterns => ({
  unseen: new RegExp(`[${unseenClass}]`, 'gu'),
  needed: new RegExp(neededPattern(), 'uy'),
})

/**
 * Text from data as it is shown to anybody, on one line: what cannot be seen, and what a terminal would obey, is written as
 * JSON escapes it. JSON that is treated so means what it meant. The joiners that a script or an emoji needs stay.
 */
export const printable = (text: string): string => (plainLine.test(text) ? text : escaped(text, ''))

/** The same of a text of several lines, which stay lines. */
export const printableLines = (text: string): string => (plainLines.test(text) ? text : escaped(text, '\n'))

/** Data as JSON on one line in which every character can be seen; it means the same. */
export const printableJson = (value: unknown): string => printable(JSON.stringify(value))

/** Data in which every text and every name of a field can be seen. Line breaks and tabs stay: those are seen. */
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

/** A character of two units as both of them. */
const unitsOf = (character: string): string =>
  character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

/** The first `most` units of UTF-16 of `text`, without the half of a character that a cut would leave at the end. */
export const beginningOf = (text: string, most: number): string => {
  const beginning = text.slice(0, most)
  return beginning.length < text.length ? beginning.replace(firstHalfAtEnd, '') : beginning
}

/** Of a character that takes two units. */
const firstHalfAtEnd = /[\ud800-\udbff]$/
