/**
 * Random choices that can be repeated with the same seed: mulberry32, by Tommy Ettinger.
 * @param {number} seed
 */
export const seededRandom = seed => {
  let state = seed >>> 0

  /** A number from 0 up to, but not including, 1. */
  const nextFloat = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /**
   * A whole number from `from` to `to`, both included.
   * @param {number} from
   * @param {number} to
   */
  const between = (from, to) => from + Math.floor(nextFloat() * (to - from + 1))

  return {
    between,
    /**
     * True with a probability of `percent` per cent.
     * @param {number} percent
     */
    chance: percent => nextFloat() * 100 < percent,
    /**
     * One of several choices; undefined if there are none.
     * @template A
     * @param {ReadonlyArray<A>} choices
     * @returns {A | undefined}
     */
    oneOf: choices => choices[between(0, choices.length - 1)],
  }
}
