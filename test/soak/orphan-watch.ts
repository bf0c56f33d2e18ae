import type { Crew } from './crew.ts'
import { describeProcess, type FoundProcess, killProcess, processesWith } from './process-table.ts'
import type { TaskLives } from './task-lives.ts'

/** The longest time that a process may exist after its worker has died or its claim has ended, on a slow machine. */
const mostLeftMs = 20_000

/** Watches for processes that outlive their worker or their claim. */
export type OrphanWatch = {
  /** Checks the process table; to be called repeatedly. */
  readonly look: () => void
  /** The processes that exist now. */
  readonly left: () => ReadonlyArray<FoundProcess>
  /** Kills them, so that a failed test leaves no processes behind. */
  readonly killLeft: () => void
  readonly problems: ReadonlyArray<string>
  /** The longest time that an orphan was seen. */
  readonly longestMs: () => number
}

/**
 * Processes are identified by `SOAK_WORKER` in their environment, which is unique per worker process. A process is an
 * orphan once its worker is dead, or once its claim has ended and the worker, which has to notice, is not stopped.
 */
export const orphanWatch = (crew: Crew, lives: Pick<TaskLives, 'isOver'>): OrphanWatch => {
  const problems: Array<string> = []
  const since = new Map<string, number>()
  let longestMs = 0
  const own = (): ReadonlySet<number> => new Set(crew.now().map(({ pid }) => pid))

  const orphanedAt = ({ mark, token }: FoundProcess): number | undefined => {
    const worker = crew.all.find(each => each.mark === mark)
    if (worker === undefined) return undefined
    if (worker.endedAt !== undefined) return worker.endedAt
    return !worker.isStopped && lives.isOver(token) ? Date.now() : undefined
  }
  const look = (): void => {
    const workers = own()
    const seen = new Set<string>()
    for (const found of processesWith('SOAK_WORKER')) {
      const at = workers.has(found.pid) ? undefined : orphanedAt(found)
      if (at === undefined) continue
      const key = `${found.pid} ${found.token}`
      seen.add(key)
      const from = since.get(key) ?? at
      const forMs = Date.now() - from
      if (forMs > mostLeftMs && longestMs <= mostLeftMs)
        problems.push(`${describeOrphan(crew, found)} still runs ${forMs} ms after it should have ended`)
      longestMs = Math.max(longestMs, forMs)
      since.set(key, from)
    }
    for (const key of since.keys()) if (!seen.has(key)) since.delete(key)
  }
  const left = (): ReadonlyArray<FoundProcess> => {
    const marks = new Set(crew.all.map(({ mark }) => mark))
    return processesWith('SOAK_WORKER').filter(({ mark }) => marks.has(mark))
  }
  return {
    look,
    left,
    problems,
    longestMs: () => longestMs,
    killLeft: () => {
      for (const { pid } of left()) killProcess(pid)
    },
  }
}

const describeOrphan = (crew: Crew, { pid, mark, token }: FoundProcess): string => {
  const worker = crew.all.find(each => each.mark === mark)
  return `${describeProcess(pid)} under token ${token} of ${mark} ${worker ? describeProcess(worker.pid) : ''}`
}
