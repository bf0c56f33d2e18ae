import { performance } from 'node:perf_hooks'

/** Offset from this process's clock, which is cheap to read, to the clock that all processes of the machine share. */
const sharedClockOffsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds on a monotonic clock that all processes of the machine share. */
export const nowMs = (): number => performance.now() + sharedClockOffsetMs

/** The middle value; the mean of the two middle ones if their number is even; NaN if there are none. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2
}

/** The median of `a` divided by `b`, pair by pair. */
export const medianRatio = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  median(a.map((value, i) => value / (b[i] ?? Number.NaN)))

/** Percentiles in milliseconds: `p999` is the smallest duration that at least 99.9 % do not exceed. */
export type Latency = { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number }

/** All NaN if there are no durations. */
export const summarizeLatency = (durationsMs: ReadonlyArray<Float64Array>): Latency => {
  const sorted = new Float64Array(durationsMs.reduce((sum, { length }) => sum + length, 0))
  let filled = 0
  for (const durations of durationsMs) {
    sorted.set(durations, filled)
    filled += durations.length
  }
  sorted.sort()
  const percentile = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { p50: percentile(0.5), p99: percentile(0.99), p999: percentile(0.999), max: percentile(1) }
}

/** Runs of `body` per second, measured for a given time after a warm-up of a tenth of it. */
export const measureRate = (durationMs: number, body: () => void): number => {
  for (const warmUpEndMs = nowMs() + durationMs / 10; nowMs() < warmUpEndMs;) body()
  const startMs = nowMs()
  let runs = 0
  let endMs = startMs
  while (endMs < startMs + durationMs) {
    body()
    runs += 1
    endMs = nowMs()
  }
  return (runs * 1000) / (endMs - startMs)
}

/** Runs measurements alternately, `rounds` times each, so that other load on the machine affects all of them alike. */
export const alternate = async <K extends string, R = number>(
  rounds: number,
  measurements: Readonly<Record<K, () => R | Promise<R>>>,
): Promise<Record<K, ReadonlyArray<R>>> => {
  const names = Object.keys(measurements) as Array<K>
  const measured = Object.fromEntries(names.map(name => [name, [] as Array<R>])) as Record<K, Array<R>>
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) measured[name].push(await measurements[name]())
  return measured
}
