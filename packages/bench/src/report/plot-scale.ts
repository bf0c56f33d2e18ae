/** An axis from 0 to at least a value; its ticks are 1, 2, 2.5 or 5 times a power of ten apart. */
export const computeAxis = (valueMax: number): { readonly end: number; readonly ticks: ReadonlyArray<number> } => {
  const step = [1, 2, 2.5, 5, 10]
    .map(factor => factor * 10 ** Math.floor(Math.log10(valueMax / 4)))
    .find(candidate => valueMax / candidate <= 5)
  // Ten times the power of ten below a quarter of the value is more than a fifth of it.
  if (step === undefined) throw new Error(`no axis for ${valueMax}`)
  const steps = Math.ceil(valueMax / step)
  return { end: steps * step, ticks: Array.from({ length: steps + 1 }, (_, i) => i * step) }
}

/** The position of `value` between `from` (0) and `to` (1) on a logarithmic axis; 0.5 if the two are equal. */
export const logPosition = (value: number, from: number, to: number): number =>
  from === to ? 0.5 : Math.log(value / from) / Math.log(to / from)
