/** Counters by one or two words without spaces. */
export type Tally = {
  readonly add: (...words: ReadonlyArray<string>) => void
  readonly of: (...words: ReadonlyArray<string>) => number
}

/** Creates counters that are all 0. */
export const tally = (): Tally => {
  const counts = new Map<string, number>()
  return {
    add: (...words) => {
      const key = words.join(' ')
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    of: (...words) => counts.get(words.join(' ')) ?? 0,
  }
}
