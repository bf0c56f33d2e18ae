import { type Kind, removeNameFlaws } from '@claimlog/domain'

/** White space, control, format and lone surrogate characters: not allowed in names. */
const unfit = /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]+/gu

/** Makes a valid name: replaces invalid characters with `-` and truncates it; undefined: no character is left. */
export const fittingName = (name: string, maxCharacters: number): string | undefined => {
  const fit = removeNameFlaws(name.normalize('NFC').replace(unfit, '-')).replace(/^-+|-+$/g, '')
  if (fit === '') return undefined
  return fit.length > maxCharacters ? [...fit].slice(0, maxCharacters).join('') : fit
}

/** Converts another tool's issue type to a kind: `Bug` and `bug` are the same. */
export const kindFrom = (word: string | undefined, otherwise: Kind): Kind =>
  (word === undefined ? undefined : fittingName(word.toLowerCase(), 64)) ?? otherwise

/**
 * Returns a function that allocates names not in `taken` and adds them: `wanted`, or the first free one of
 * `wanted-2`, `wanted-3` … Each search continues after the last one for the same name, as a file may repeat a title
 * 10,000 times.
 */
export const freeNames = (taken: Set<string>): ((wanted: string) => string) => {
  const next = new Map<string, number>()
  return wanted => {
    let name = wanted
    let n = next.get(wanted) ?? 2
    for (; taken.has(name); n += 1) name = `${wanted}-${n}`
    next.set(wanted, n)
    taken.add(name)
    return name
  }
}
