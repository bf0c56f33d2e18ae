/** Counts by one or two words, which have no spaces in them. */
export type Tally = {
  readonly add: (...words: ReadonlyArray<string>) => void
  readonly of: (...words: ReadonlyArray<string>) => number
}

/** Begins to count. */
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
