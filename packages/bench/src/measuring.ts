/** Milliseconds on a clock that nobody can set and that all processes of the machine share. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** The middle value; the mean of the two middle ones where their number is even. NaN of none. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2
}

/** How long `body` takes, in milliseconds. */
export const timed = async (body: () => unknown): Promise<number> => {
  const startedAt = nowMs()
  await body()
  return nowMs() - startedAt
}

/** How often `body` runs in a second, tried for `forMs` after a tenth of that to warm up. */
export const ratePerSecond = (forMs: number, body: () => void): number => {
  for (const until = nowMs() + forMs / 10; nowMs() < until;) body()
  const startedAt = nowMs()
  let runs = 0
  let endedAt = startedAt
  while (endedAt < startedAt + forMs) {
    body()
    runs += 1
    endedAt = nowMs()
  }
  return (runs * 1000) / (endedAt - startedAt)
}

/** Runs several measurements in turn, `rounds` times over, so that whatever else the machine does meets all alike. */
export const inTurn = async <K extends string>(
  rounds: number,
  measurements: Readonly<Record<K, () => number | Promise<number>>>,
): Promise<Record<K, ReadonlyArray<number>>> => {
  const names = Object.keys(measurements) as Array<K>
  const measured = Object.fromEntries(names.map(name => [name, [] as Array<number>])) as Record<K, Array<number>>
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) measured[name].push(await measurements[name]())
  return measured
}

/** `a` divided by `b`, pair by pair, and the middle of that. */
export const medianRatio = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  median(a.map((value, i) => value / (b[i] ?? Number.NaN)))
