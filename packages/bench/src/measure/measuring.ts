import { performance } from 'node:perf_hooks'

/** From this process's own clock, which is cheap to read, to the one that all processes of the machine share. */
const sharedClockOffset = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds on a clock that nobody can set and that all processes of the machine share. */
export const nowMs = (): number => performance.now() + sharedClockOffset

/** The middle value; the mean of the two middle ones where their number is even. NaN of none. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2
}

/** `a` divided by `b`, pair by pair, and the middle of that. */
export const medianRatio = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  median(a.map((value, i) => value / (b[i] ?? Number.NaN)))

/** Durations in milliseconds, summed up: the smallest ones that at least so many of a thousand do not exceed. */
export type Latency = { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number }

/** NaN throughout where there are none. */
export const latencyOf = (durationsMs: ReadonlyArray<Float64Array>): Latency => {
  const sorted = new Float64Array(durationsMs.reduce((sum, { length }) => sum + length, 0))
  let filled = 0
  for (const some of durationsMs) {
    sorted.set(some, filled)
    filled += some.length
  }
  sorted.sort()
  const nearest = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { p50: nearest(0.5), p99: nearest(0.99), p999: nearest(0.999), max: nearest(1) }
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
export const inTurn = async <K extends string, R = number>(
  rounds: number,
  measurements: Readonly<Record<K, () => R | Promise<R>>>,
): Promise<Record<K, ReadonlyArray<R>>> => {
  const names = Object.keys(measurements) as Array<K>
  const measured = Object.fromEntries(names.map(name => [name, [] as Array<R>])) as Record<K, Array<R>>
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) measured[name].push(await measurements[name]())
  return measured
}
