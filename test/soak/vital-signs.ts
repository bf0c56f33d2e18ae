import { setTimeout as sleep } from 'node:timers/promises'
import type { Crew } from './crew.ts'
import { processorMs, residentBytes, waitsOf } from './process-table.ts'
import type { WorkerProcess } from './worker-process.ts'

/** Watches the memory use of workers. */
export type MemoryWatch = {
  /** Takes a sample; to be called repeatedly. */
  readonly sample: () => void
  readonly peakBytes: () => number
  /** Workers whose memory grew too much, in words; called at the end of the test. */
  readonly problems: () => ReadonlyArray<string>
}

type Sample = { readonly at: number; readonly bytes: number }

const mebibyte = 1024 * 1024

/** More than a worker needs, however much its commands print. */
const mostBytes = 400 * mebibyte

/** Growth counts only for workers that ran this long: in the first minute the compiler and garbage collector grow. */
const longMs = 120_000

export const memoryWatch = (crew: Crew): MemoryWatch => {
  const samples = new Map<WorkerProcess, Array<Sample>>()
  const all = (): ReadonlyArray<Sample> => [...samples.values()].flat()
  const peak = (some: ReadonlyArray<Sample>): number => some.reduce((most, { bytes }) => Math.max(most, bytes), 0)
  const problemOf = ({ mark }: WorkerProcess, seen: ReadonlyArray<Sample>): ReadonlyArray<string> => {
    const [from = 0, to = 0] = [seen[0]?.at, seen.at(-1)?.at]
    const middle = (from + to) / 2
    const [first, second] = [peak(seen.filter(({ at }) => at < middle)), peak(seen.filter(({ at }) => at >= middle))]
    const told = `${mark} used up to ${inMebibytes(first)} in its first half, ${inMebibytes(second)} in its second half`
    if (to - from > longMs && second > first * 1.3 + 20 * mebibyte) return [told]
    return Math.max(first, second) > mostBytes ? [told] : []
  }
  return {
    sample: () => {
      for (const worker of crew.now()) {
        const bytes = residentBytes(worker.pid)
        if (bytes === undefined) continue
        const seen = samples.get(worker) ?? []
        samples.set(worker, seen)
        seen.push({ at: Date.now(), bytes })
      }
    },
    peakBytes: () => peak(all()),
    problems: () => [...samples].flatMap(([worker, seen]) => problemOf(worker, seen)),
  }
}

const inMebibytes = (bytes: number): string => `${Math.round(bytes / mebibyte)} MiB`

/** The limit for an idle worker, in percent of one processor. */
const mostIdlePercent = 1

/** In a shorter time one percent is a few ticks of 10 ms, which one garbage collection takes. */
const percentCountsFromMs = 15_000

/** The limit of wake-ups per second for an idle worker: as many as when polling every 100 ms. */
const mostIdleWakeUps = 10

/** The processor time of each worker while idle. */
export type Idle = { readonly percent: ReadonlyArray<number>; readonly problems: ReadonlyArray<string> }

type Spent = { readonly processorMs: number; readonly waits: number }

/** The resources that a worker has used so far; undefined if it has exited. */
const spentBy = ({ pid, endedAt }: WorkerProcess): Spent | undefined => {
  const [ms, waits] = [processorMs(pid), waitsOf(pid)]
  return endedAt !== undefined || ms === undefined || waits === undefined ? undefined : { processorMs: ms, waits }
}

/** Measures for `ms` the processor time of waiting workers. It does not depend on other load on the machine. */
export const idleFor = async (crew: Crew, ms: number): Promise<Idle> => {
  const before = crew.now().map(worker => ({ worker, spent: spentBy(worker) }))
  const startedAt = process.uptime()
  await sleep(ms)
  const elapsedMs = (process.uptime() - startedAt) * 1000
  const used = before.map(({ worker, spent }) => {
    const now = spentBy(worker)
    if (spent === undefined || now === undefined) return { mark: worker.mark, hasEnded: true, percent: 0, wakeUps: 0 }
    const percent = ((now.processorMs - spent.processorMs) / elapsedMs) * 100
    return { mark: worker.mark, hasEnded: false, percent, wakeUps: ((now.waits - spent.waits) / elapsedMs) * 1000 }
  })
  return {
    percent: used.map(({ percent }) => percent),
    problems: used.flatMap(({ mark, hasEnded, percent, wakeUps }) => {
      if (hasEnded) return [`${mark} exited while idle`]
      const problems: Array<string> = []
      if (wakeUps > mostIdleWakeUps) problems.push(`${mark} woke up ${wakeUps.toFixed(1)} times a second while idle`)
      if (ms >= percentCountsFromMs && percent > mostIdlePercent)
        problems.push(`${mark} used ${percent.toFixed(1)} % of a processor while idle`)
      return problems
    }),
  }
}
