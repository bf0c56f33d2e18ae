import { neededPattern, unseenClass } from './unseen.ts'

/** The fast path for nearly all names. */
const plainAscii = /^[!-~]*$/

/** Built on first use: their character classes take a millisecond to build, and few names need them. */
type Patterns = {
  /** Invisible, unassigned and white-space characters. */
  readonly unseen: RegExp
  readonly needed: RegExp
}
let patterns: Patterns | undefined

const makePatterns = (): Patterns => ({
  unseen: new RegExp(`[${unseenClass}\\p{Cn}\\p{Z}\\s]`, 'u'),
  needed: new RegExp(neededPattern(), 'gu'),
})

/**
 * Explains why a name has invisible parts or looks like another name; undefined: it has no flaw. Flaws are a combining
 * mark without a base character, an invisible character, and text that is not in NFC: each text has exactly one NFC
 * form.
 */
export const nameFlaw = (name: string): string | undefined => {
  if (plainAscii.test(name)) return undefined
  const { unseen, needed } = (patterns ??= makePatterns())
  const [hidden] = unseen.exec(name.replace(needed, '')) ?? []
  if (hidden !== undefined) return `${codePointOf(hidden)} is invisible`
  const [mark] = /^\p{M}/u.exec(name) ?? []
  if (mark !== undefined) return `${codePointOf(mark)} has no base character`
  const composed = name.normalize('NFC')
  if (composed === name) return undefined
  return `it is not in composed form (NFC): ${codePointOf(firstDifference(name, composed))} has another encoding that looks the same`
}

/** Removes invisible characters and marks without a base character; '' if nothing is left. */
export const withoutNameFlaws = (name: string): string => {
  if (nameFlaw(name) === undefined) return name
  const { unseen } = (patterns ??= makePatterns())
  return name
    .replace(new RegExp(unseen, 'gu'), '')
    .replace(/^\p{M}+/u, '')
    .normalize('NFC')
}

const firstDifference = (name: string, composed: string): string => {
  const other = [...composed]
  return [...name].find((character, i) => character !== other[i]) ?? ''
}

const codePointOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
