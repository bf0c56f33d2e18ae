import { setTimeout as sleep } from 'node:timers/promises'
import type { Crew } from './crew.ts'
import { processorMs, residentBytes } from './process-table.ts'
import type { WorkerProcess } from './worker-process.ts'

/** How much memory workers have in use. */
export type MemoryWatch = {
  /** To be called again and again. */
  readonly sample: () => void
  readonly peakBytes: () => number
  /** Workers whose memory grew, in words, at the end of the test. */
  readonly problems: () => ReadonlyArray<string>
}

type Sample = { readonly at: number; readonly bytes: number }

const mebibyte = 1024 * 1024

/** No worker of ours has use for more, whatever its commands print. */
const mostBytes = 400 * mebibyte

/** Memory is compared of those that lived for as long: the first minute belongs to the compiler and the garbage collector. */
const longMs = 120_000

export const memoryWatch = (crew: Crew): MemoryWatch => {
  const samples = new Map<WorkerProcess, Array<Sample>>()
  const all = (): ReadonlyArray<Sample> => [...samples.values()].flat()
  const peak = (some: ReadonlyArray<Sample>): number => some.reduce((most, { bytes }) => Math.max(most, bytes), 0)
  const problemOf = ({ mark }: WorkerProcess, seen: ReadonlyArray<Sample>): ReadonlyArray<string> => {
    const [from = 0, to = 0] = [seen[0]?.at, seen.at(-1)?.at]
    const middle = (from + to) / 2
    const [first, second] = [peak(seen.filter(({ at }) => at < middle)), peak(seen.filter(({ at }) => at >= middle))]
    const told = `${mark} had ${inMebibytes(first)} at most in the first half of its life, ${inMebibytes(second)} in the second`
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

/** The most that a worker may use of a processor while there is nothing to do, in percent. */
const mostIdlePercent = 1

/** What processors did for each worker while none had anything to do. */
export type Idle = { readonly percent: ReadonlyArray<number>; readonly problems: ReadonlyArray<string> }

/** Measures for `ms` how much the workers do that wait. It is work that is measured, whatever else the machine is at. */
export const idleFor = async (crew: Crew, ms: number): Promise<Idle> => {
  const before = crew.now().map(worker => ({ worker, spentMs: processorMs(worker.pid) }))
  const startedAt = process.uptime()
  await sleep(ms)
  const elapsedMs = (process.uptime() - startedAt) * 1000
  const used = before.map(({ worker, spentMs }) => ({
    mark: worker.mark,
    percent: ((processorMs(worker.pid) - spentMs) / elapsedMs) * 100,
  }))
  return {
    percent: used.map(({ percent }) => percent),
    problems: used
      .filter(({ percent }) => !(percent < mostIdlePercent))
      .map(({ mark, percent }) => `${mark} used ${percent.toFixed(1)} % of a processor while there was nothing to do`),
  }
}
