import type { Kind } from '@claimlog/domain'

/** White space, control, format and lone surrogate characters: what no name may hold. */
const unfit = /[\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]+/gu

/** `name` as a name may be: `-` for what it may not hold, cut where it is too long; undefined: nothing is left of it. */
export const fittingName = (name: string, maxCharacters: number): string | undefined => {
  const fit = name.replace(unfit, '-').replace(/^-+|-+$/g, '')
  if (fit === '') return undefined
  return fit.length > maxCharacters ? [...fit].slice(0, maxCharacters).join('') : fit
}

/** A kind from another tool's word for it: `Bug` and `bug` are one. */
export const kindFrom = (word: string | undefined, otherwise: Kind): Kind =>
  (word === undefined ? undefined : fittingName(word.toLowerCase(), 64)) ?? otherwise

/** `wanted`, or where that is taken the first of `wanted-2`, `wanted-3` … that is not. */
export const freeName = (wanted: string, isTaken: (name: string) => boolean): string => {
  let name = wanted
  for (let n = 2; isTaken(name); n += 1) name = `${wanted}-${n}`
  return name
}
