import { setTimeout as sleep } from 'node:timers/promises'
import type { SoakWorkers } from './soak-workers.ts'
import { readProcessorMs, readResidentBytes, countWaits } from './process-table.ts'
import type { WorkerProcess } from './soak-worker.ts'

/** Watches the memory use of workers. */
export type MemoryWatch = {
  /** Takes a sample; to be called repeatedly. */
  readonly sample: () => void
  readonly peakBytes: () => number
  /** Workers whose memory grew too much, in words; called at the end of the test. */
  readonly problems: () => ReadonlyArray<string>
}

type MemorySample = { readonly atMs: number; readonly bytes: number }

const mebibyte = 1024 * 1024

/** More than a worker needs, however much its commands print. */
const residentBytesMax = 400 * mebibyte

/** Growth counts only for workers that ran this long: in the first minute the compiler and garbage collector grow. */
const comparedMsMin = 120_000

export const watchMemory = (workers: SoakWorkers): MemoryWatch => {
  const samples = new Map<WorkerProcess, Array<MemorySample>>()
  const listSamples = (): ReadonlyArray<MemorySample> => [...samples.values()].flat()
  const findPeak = (group: ReadonlyArray<MemorySample>): number =>
    group.reduce((max, { bytes }) => Math.max(max, bytes), 0)
  const findProblem = (
    { marker }: WorkerProcess,
    workerSamples: ReadonlyArray<MemorySample>,
  ): ReadonlyArray<string> => {
    const [from = 0, to = 0] = [workerSamples[0]?.atMs, workerSamples.at(-1)?.atMs]
    const middle = (from + to) / 2
    const [first, second] = [
      findPeak(workerSamples.filter(({ atMs }) => atMs < middle)),
      findPeak(workerSamples.filter(({ atMs }) => atMs >= middle)),
    ]
    const description = `${marker} used up to ${formatMebibytes(first)} in its first half, ${formatMebibytes(second)} in its second half`
    if (to - from > comparedMsMin && second > first * 1.3 + 20 * mebibyte) return [description]
    return Math.max(first, second) > residentBytesMax ? [description] : []
  }
  return {
    sample: () => {
      for (const worker of workers.listRunning()) {
        const bytes = readResidentBytes(worker.pid)
        if (bytes === undefined) continue
        const workerSamples = samples.get(worker) ?? []
        samples.set(worker, workerSamples)
        workerSamples.push({ atMs: Date.now(), bytes })
      }
    },
    peakBytes: () => findPeak(listSamples()),
    problems: () => [...samples].flatMap(([worker, workerSamples]) => findProblem(worker, workerSamples)),
  }
}

const formatMebibytes = (bytes: number): string => `${Math.round(bytes / mebibyte)} MiB`

/** The limit for an idle worker, in percent of one processor. */
const idlePercentMax = 1

/** In a shorter time one percent is a few ticks of 10 ms, which one garbage collection takes. */
const percentMeasuredMsMin = 15_000

/** The limit of wake-ups per second for an idle worker: as many as when polling every 100 ms. */
const idleWakeUpsMax = 10

/** The processor time of each worker while idle. */
export type IdleUsage = { readonly percent: ReadonlyArray<number>; readonly problems: ReadonlyArray<string> }

type ResourceUsage = { readonly processorMs: number; readonly waits: number }

/** The resources that a worker has used so far; undefined if it has exited. */
const readUsage = ({ pid, endedAt }: WorkerProcess): ResourceUsage | undefined => {
  const [ms, waits] = [readProcessorMs(pid), countWaits(pid)]
  return endedAt !== undefined || ms === undefined || waits === undefined ? undefined : { processorMs: ms, waits }
}

/** Measures for `ms` the processor time of waiting workers. It does not depend on other load on the machine. */
export const measureIdleUsage = async (workers: SoakWorkers, ms: number): Promise<IdleUsage> => {
  const initialUsages = workers.listRunning().map(worker => ({ worker, initialUsage: readUsage(worker) }))
  const startedAt = process.uptime()
  await sleep(ms)
  const elapsedMs = (process.uptime() - startedAt) * 1000
  const usages = initialUsages.map(({ worker, initialUsage }) => {
    const usageNow = readUsage(worker)
    if (initialUsage === undefined || usageNow === undefined)
      return { marker: worker.marker, hasEnded: true, percent: 0, wakeUps: 0 }
    const percent = ((usageNow.processorMs - initialUsage.processorMs) / elapsedMs) * 100
    return {
      marker: worker.marker,
      hasEnded: false,
      percent,
      wakeUps: ((usageNow.waits - initialUsage.waits) / elapsedMs) * 1000,
    }
  })
  return {
    percent: usages.map(({ percent }) => percent),
    problems: usages.flatMap(({ marker, hasEnded, percent, wakeUps }) => {
      if (hasEnded) return [`${marker} exited while idle`]
      const problems: Array<string> = []
      if (wakeUps > idleWakeUpsMax) problems.push(`${marker} woke up ${wakeUps.toFixed(1)} times a second while idle`)
      if (ms >= percentMeasuredMsMin && percent > idlePercentMax)
        problems.push(`${marker} used ${percent.toFixed(1)} % of a processor while idle`)
      return problems
    }),
  }
}
