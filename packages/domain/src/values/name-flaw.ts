import { allowedInvisiblePattern, invisibleClass } from './invisible-characters.ts'

/** The fast path for nearly all names. */
const plainAscii = /^[!-~]*$/

/** Built on first use: their character classes take a millisecond to build, and few names need them. */
type NamePatterns = {
  /** Invisible, unassigned and white-space characters. */
  readonly invisible: RegExp
  readonly allowed: RegExp
}
let patterns: NamePatterns | undefined

const makePatterns = (): NamePatterns => ({
  invisible: new RegExp(`[${invisibleClass}\\p{Cn}\\p{Z}\\s]`, 'u'),
  allowed: new RegExp(allowedInvisiblePattern(), 'gu'),
})

/**
 * Explains why a name has invisible parts or looks like another name; undefined: it has no flaw. Flaws are a combining
 * mark without a base character, an invisible character, and text that is not in NFC: each text has exactly one NFC
 * form.
 */
export const findNameFlaw = (name: string): string | undefined => {
  if (plainAscii.test(name)) return undefined
  const { invisible, allowed } = (patterns ??= makePatterns())
  const [invisibleCharacter] = invisible.exec(name.replace(allowed, '')) ?? []
  if (invisibleCharacter !== undefined) return `${formatCodePoint(invisibleCharacter)} is invisible`
  const [mark] = /^\p{M}/u.exec(name) ?? []
  if (mark !== undefined) return `${formatCodePoint(mark)} has no base character`
  const composed = name.normalize('NFC')
  if (composed === name) return undefined
  return `it is not in composed form (NFC): ${formatCodePoint(firstDifference(name, composed))} has another encoding that looks the same`
}

/** Removes invisible characters and marks without a base character; '' if nothing is left. */
export const removeNameFlaws = (name: string): string => {
  if (findNameFlaw(name) === undefined) return name
  const { invisible } = (patterns ??= makePatterns())
  return name
    .replace(new RegExp(invisible, 'gu'), '')
    .replace(/^\p{M}+/u, '')
    .normalize('NFC')
}

const firstDifference = (name: string, composed: string): string => {
  const composedCharacters = [...composed]
  return [...name].find((character, i) => character !== composedCharacters[i]) ?? ''
}

const formatCodePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
