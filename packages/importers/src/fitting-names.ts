import { type Kind, withoutNameFlaws } from '@claimlog/domain'

/** White space, control, format and lone surrogate characters: what no name may hold. */
const unfit = /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]+/gu

/** `name` as a name may be: `-` for what it may not hold, cut where it is too long; undefined: nothing is left of it. */
export const fittingName = (name: string, maxCharacters: number): string | undefined => {
  const fit = withoutNameFlaws(name.normalize('NFC').replace(unfit, '-')).replace(/^-+|-+$/g, '')
  if (fit === '') return undefined
  return fit.length > maxCharacters ? [...fit].slice(0, maxCharacters).join('') : fit
}

/** A kind from another tool's word for it: `Bug` and `bug` are one. */
export const kindFrom = (word: string | undefined, otherwise: Kind): Kind =>
  (word === undefined ? undefined : fittingName(word.toLowerCase(), 64)) ?? otherwise

/**
 * Gives names that are not among `taken`, and adds them: `wanted`, or if that is taken, the first free one of `wanted-2`,
 * `wanted-3` … Each search goes on where the last one for the same name ended, as a file may have the same title 10,000 times.
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
