/** An axis from 0 to at least a value; its ticks are 1, 2, 2.5 or 5 times a power of ten apart. */
export const axisTo = (most: number): { readonly end: number; readonly ticks: ReadonlyArray<number> } => {
  const step = [1, 2, 2.5, 5, 10]
    .map(factor => factor * 10 ** Math.floor(Math.log10(most / 4)))
    .find(one => most / one <= 5)
  // Ten times the power of ten below a quarter of the value is more than a fifth of it.
  if (step === undefined) throw new Error(`no axis for ${most}`)
  const steps = Math.ceil(most / step)
  return { end: steps * step, ticks: Array.from({ length: steps + 1 }, (_, i) => i * step) }
}

/** The position of `value` between `from` (0) and `to` (1) on a logarithmic axis; 0.5 if the two are equal. */
export const logShare = (value: number, from: number, to: number): number =>
  from === to ? 0.5 : Math.log(value / from) / Math.log(to / from)
