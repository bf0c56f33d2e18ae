/** The end of an axis that starts at 0 and shows `most`: 1, 2, 2.5 or 5 times a power of ten, and where its ticks are. */
export const axisTo = (most: number): { readonly end: number; readonly ticks: ReadonlyArray<number> } => {
  const step = [1, 2, 2.5, 5, 10]
    .map(factor => factor * 10 ** Math.floor(Math.log10(most / 4)))
    .find(one => most / one <= 5)
  // Ten times the power of ten below a fourth of `most` is more than a fifth of it.
  if (step === undefined) throw new Error(`no axis for ${most}`)
  const steps = Math.ceil(most / step)
  return { end: steps * step, ticks: Array.from({ length: steps + 1 }, (_, i) => i * step) }
}

/** Where `value` lies between `from` (0) and `to` (1) on an axis of powers of ten; the middle where they are the same. */
export const logShare = (value: number, from: number, to: number): number =>
  from === to ? 0.5 : Math.log(value / from) / Math.log(to / from)
