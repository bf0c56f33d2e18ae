/** Names that differ in more places than this, or in more than a third of them, are not the same one misspelt. */
const differencesMax = 3

/** The one of `names` that is spelt most like `name`, upper and lower case aside; undefined: none is near. */
export const nearestName = (name: string, names: Iterable<string>): string | undefined => {
  const wanted = name.toLowerCase()
  let nearest: string | undefined
  let least = Math.min(differencesMax, Math.ceil(name.length / 3)) + 1
  for (const other of names) {
    if (Math.abs(other.length - name.length) >= least) continue
    const distance = editDistance(wanted, other.toLowerCase())
    if (distance < least || (distance === least && nearest !== undefined && other < nearest)) {
      nearest = other
      least = distance
    }
  }
  return nearest
}

/** How many characters must be put in, left out, replaced or swapped with the next one to make `b` of `a`. */
const editDistance = (a: string, b: string): number => {
  let [beforeLast, last]: [ReadonlyArray<number>, ReadonlyArray<number>] = [
    [],
    Array.from({ length: b.length + 1 }, (_, j) => j),
  ]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Infinity
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped))
    }
    ;[beforeLast, last] = [last, row]
  }
  return last[b.length] ?? 0
}
