import { setTimeout as sleep } from 'node:timers/promises'
import type { Crew } from './crew.ts'
import { processorMs, residentBytes, waitsOf } from './process-table.ts'
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

/** Processors are counted in ticks of 10 ms: one percent of less time is a few of them, which the garbage collector takes at once. */
const percentCountsFromMs = 15_000

/** The most that a worker may wake up in a second while there is nothing to do: a few times, as when it polls every 100 ms. */
const mostIdleWakeUps = 10

/** What processors did for each worker while none had anything to do. */
export type Idle = { readonly percent: ReadonlyArray<number>; readonly problems: ReadonlyArray<string> }

type Spent = { readonly processorMs: number; readonly waits: number }

/** What a worker has spent so far; undefined: it has ended. */
const spentBy = ({ pid, endedAt }: WorkerProcess): Spent | undefined => {
  const [ms, waits] = [processorMs(pid), waitsOf(pid)]
  return endedAt !== undefined || ms === undefined || waits === undefined ? undefined : { processorMs: ms, waits }
}

/** Measures for `ms` how much the workers do that wait. It is work that is measured, whatever else the machine is at. */
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
      if (hasEnded) return [`${mark} ended while there was nothing to do`]
      const problems: Array<string> = []
      if (wakeUps > mostIdleWakeUps)
        problems.push(`${mark} woke up ${wakeUps.toFixed(1)} times a second while there was nothing to do`)
      if (ms >= percentCountsFromMs && percent > mostIdlePercent)
        problems.push(`${mark} used ${percent.toFixed(1)} % of a processor while there was nothing to do`)
      return problems
    }),
  }
}
