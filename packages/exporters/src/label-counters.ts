/** Counters by one or two words without spaces. */
export type LabelCounters = {
  readonly add: (...labels: ReadonlyArray<string>) => void
  readonly get: (...labels: ReadonlyArray<string>) => number
}

/** Creates counters that are all 0. */
export const labelCounters = (): LabelCounters => {
  const counts = new Map<string, number>()
  return {
    add: (...labels) => {
      const key = labels.join(' ')
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    get: (...labels) => counts.get(labels.join(' ')) ?? 0,
  }
}
