import { neededPattern, unseenClass } from './unseen.ts'

/** Nearly every name there is. */
const plainAscii = /^[!-~]*$/

/** Made when they are needed: their classes take a millisecond to build, and few names need them. */
type Patterns = {
  /** What has no shape of its own, is unassigned, or leaves a gap. */
  readonly unseen: RegExp
  readonly needed: RegExp
}
let patterns: Patterns | undefined

const makePatterns = (): Patterns => ({
  unseen: new RegExp(`[${unseenClass}\\p{Cn}\\p{Z}\\s]`, 'u'),
  needed: new RegExp(neededPattern(), 'gu'),
})

/**
 * Why a name cannot be seen, or told apart from another one; undefined: it can. A mark with nothing before it, a character
 * without a shape, or another spelling of the same characters: of these NFC is taken, as there is one of it for each text.
 */
export const nameFlaw = (name: string): string | undefined => {
  if (plainAscii.test(name)) return undefined
  const { unseen, needed } = (patterns ??= makePatterns())
  const [hidden] = unseen.exec(name.replace(needed, '')) ?? []
  if (hidden !== undefined) return `${codePointOf(hidden)} cannot be seen`
  const [mark] = /^\p{M}/u.exec(name) ?? []
  if (mark !== undefined) return `${codePointOf(mark)} has nothing to stand on`
  const composed = name.normalize('NFC')
  if (composed === name) return undefined
  return `it is not in composed form (NFC): ${codePointOf(firstDifference(name, composed))} looks the same as another spelling`
}

/** The name without what cannot be seen in it, nor marks that have nothing to stand on; '' where nothing is left. */
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
