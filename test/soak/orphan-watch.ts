import type { SoakWorkers } from './soak-workers.ts'
import { describeProcess, type MarkedProcess, killProcess, findProcesses } from './process-table.ts'
import type { TaskHistories } from './task-histories.ts'

/** The longest time that a process may exist after its worker has died or its claim has ended, on a slow machine. */
const orphanMsMax = 20_000

/** Watches for processes that outlive their worker or their claim. */
export type OrphanWatch = {
  /** Checks the process table; to be called repeatedly. */
  readonly check: () => void
  /** The processes that exist now. */
  readonly listRemaining: () => ReadonlyArray<MarkedProcess>
  /** Kills them, so that a failed test leaves no processes behind. */
  readonly killRemaining: () => void
  readonly problems: ReadonlyArray<string>
  /** The longest time that an orphan was seen. */
  readonly peakOrphanMs: () => number
}

/**
 * Processes are identified by `SOAK_WORKER` in their environment, which is unique per worker process. A process is an
 * orphan once its worker is dead, or once its claim has ended and the worker, which has to notice, is not stopped.
 */
export const watchOrphans = (workers: SoakWorkers, histories: Pick<TaskHistories, 'hasEnded'>): OrphanWatch => {
  const problems: Array<string> = []
  const firstSeenMs = new Map<string, number>()
  let peakOrphanMs = 0
  const listRunningPids = (): ReadonlySet<number> => new Set(workers.listRunning().map(({ pid }) => pid))

  const findOrphanStart = ({ marker, token }: MarkedProcess): number | undefined => {
    const worker = workers.all.find(each => each.marker === marker)
    if (worker === undefined) return undefined
    if (worker.endedAt !== undefined) return worker.endedAt
    return !worker.isStopped && histories.hasEnded(token) ? Date.now() : undefined
  }
  const check = (): void => {
    const runningPids = listRunningPids()
    const seenKeys = new Set<string>()
    for (const orphan of findProcesses('SOAK_WORKER')) {
      const orphanedMs = runningPids.has(orphan.pid) ? undefined : findOrphanStart(orphan)
      if (orphanedMs === undefined) continue
      const key = `${orphan.pid} ${orphan.token}`
      seenKeys.add(key)
      const startMs = firstSeenMs.get(key) ?? orphanedMs
      const durationMs = Date.now() - startMs
      if (durationMs > orphanMsMax && peakOrphanMs <= orphanMsMax)
        problems.push(`${describeOrphan(workers, orphan)} still runs ${durationMs} ms after it should have ended`)
      peakOrphanMs = Math.max(peakOrphanMs, durationMs)
      firstSeenMs.set(key, startMs)
    }
    for (const key of firstSeenMs.keys()) if (!seenKeys.has(key)) firstSeenMs.delete(key)
  }
  const listRemaining = (): ReadonlyArray<MarkedProcess> => {
    const markers = new Set(workers.all.map(({ marker }) => marker))
    return findProcesses('SOAK_WORKER').filter(({ marker }) => markers.has(marker))
  }
  return {
    check,
    listRemaining,
    problems,
    peakOrphanMs: () => peakOrphanMs,
    killRemaining: () => {
      for (const { pid } of listRemaining()) killProcess(pid)
    },
  }
}

const describeOrphan = (workers: SoakWorkers, { pid, marker, token }: MarkedProcess): string => {
  const worker = workers.all.find(each => each.marker === marker)
  return `${describeProcess(pid)} under token ${token} of ${marker} ${worker ? describeProcess(worker.pid) : ''}`
}
