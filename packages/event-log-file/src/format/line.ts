import { sha256Hex } from './sha256.ts'

/** One line, its newline included. */
export const maxLineBytes = 1024 * 1024

const hashDigits = 32
const hashField = ',"hash":"'
const moreField = ',"more":true'
/** `,"hash":"` + digits + `"}` */
const sealLength = hashField.length + hashDigits + 2

/**
 * The hash of a line: the first 128 bits of SHA-256, as 32 hex digits, over the UTF-8 bytes of the previous line's
 * digits (nothing for line 1) followed by this line's JSON text without its hash field.
 */
const chainHash = (previousHash: string, text: string): string => sha256Hex(previousHash + text).slice(0, hashDigits)

/** A line ready to be written, and the hash that the next one is chained to. */
export type SealedLine = { readonly line: string; readonly hash: string }

/** Makes a line of an event's JSON text. `more`: the decision goes on with the next line. */
export const sealLine = (previousHash: string, json: string, more: boolean): SealedLine => {
  const open = more ? json.slice(0, -1) + moreField : json.slice(0, -1)
  const hash = chainHash(previousHash, `${open}}`)
  return { line: `${open}${hashField}${hash}"}\n`, hash }
}

/** The hash that a line (without its newline) carries; undefined: it carries none, or not as its last field. */
export const hashOf = (line: string): string | undefined => {
  const digits = isSealed(line) ? sealOf(line) : ''
  return hexDigits.test(digits) ? digits : undefined
}
const hexDigits = /^[0-9a-f]{32}$/

/** The hash of a line that carries one. */
export const sealOf = (line: string): string => line.slice(-hashDigits - 2, -2)

/** A line that carries a hash, as JSON without it. */
export const unsealed = (line: string): string => `${line.slice(0, -sealLength)}}`

const isSealed = (line: string): boolean => {
  const start = line.length - sealLength
  return start > 0 && line.startsWith(hashField, start) && line.endsWith('"}')
}

/** Whether `line` (without its newline) carries the hash that it must have after `previousHash`. */
export const isChained = (previousHash: string, line: string): boolean =>
  isSealed(line) &&
  line.startsWith(chainHash(previousHash, `${line.slice(0, -sealLength)}}`), line.length - hashDigits - 2)

/** Whether the decision goes on after a line whose fields are in the order of {@link sealLine}. */
export const goesOn = (line: string): boolean => line.startsWith(moreField, line.length - sealLength - moreField.length)
