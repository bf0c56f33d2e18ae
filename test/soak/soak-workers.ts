import { setTimeout as sleep } from 'node:timers/promises'
import type { SoakDirs } from './command-line.ts'
import { startWorker, type WorkerProcess } from './soak-worker.ts'

/**
 * The arguments of each worker. The first two are only paused, never ended, so that some run for the whole test. Those
 * with a timeout take only hanging tasks, because any other command may be slow.
 */
const workerArguments: Readonly<Record<string, ReadonlyArray<string>>> = {
  w1: ['steady', 'failing', '-j', '2', '--lease', '2s', '--json'],
  w2: ['steady', 'failing', '--lease', '3s'],
  w3: ['steady', '-j', '2', '--lease', '1s', '--json', '--quiet'],
  w4: ['steady', 'failing', '--lease', '1s'],
  w5: ['failing', 'steady', '--lease', '2s', '--quiet'],
  w6: ['steady', 'failing', '-j', '2', '--lease', '1500ms'],
  w7: ['hanging', '-j', '2', '--lease', '1s', '--timeout', '1500ms', '--json'],
  w8: ['hanging', '--lease', '3s', '--timeout', '2s'],
}

const sparedNames = new Set(['w1', 'w2'])

/** The eight workers. One that exits is restarted under the same name until all are dismissed. */
export type SoakWorkers = {
  /** The running workers. */
  readonly listRunning: () => ReadonlyArray<WorkerProcess>
  /** All workers ever started. */
  readonly all: ReadonlyArray<WorkerProcess>
  /** Unexpected exits of workers, in words. */
  readonly problems: ReadonlyArray<string>
  /** Asks all to exit, and resolves when they have; those that do not are killed and reported as a problem. */
  readonly stopAll: () => Promise<void>
  /** Kills all workers; for a test that ends early. */
  readonly killAll: () => void
}

/** True if a worker is never killed or asked to exit. */
export const isSpared = ({ name }: WorkerProcess): boolean => sparedNames.has(name)

/** Generous for slow machines: no step of theirs takes longer than a few seconds. */
const stopTimeoutMs = 60_000

export const startWorkers = (dirs: SoakDirs): SoakWorkers => {
  const all: Array<WorkerProcess> = []
  const problems: Array<string> = []
  const running = new Map<string, WorkerProcess>()
  let isStopping = false

  const start = (name: string, words: ReadonlyArray<string>): void => {
    const worker = startWorker(dirs, name, all.length + 1, words)
    all.push(worker)
    running.set(name, worker)
    void worker.ended.then(problem => {
      if (problem !== undefined) problems.push(problem)
      running.delete(name)
      if (!isStopping) start(name, words)
    })
  }
  const killAll = (): void => {
    isStopping = true
    for (const worker of running.values()) worker.kill('SIGKILL')
  }
  process.on('exit', killAll)
  for (const [name, words] of Object.entries(workerArguments)) start(name, words)
  return {
    all,
    problems,
    listRunning: () => [...running.values()].filter(({ endedAt }) => endedAt === undefined),
    stopAll: async () => {
      isStopping = true
      const remaining = [...running.values()]
      for (const worker of remaining) {
        worker.disturbed ??= 'asked to exit'
        worker.kill('SIGTERM')
      }
      const timeout = new AbortController()
      const timedOut = sleep(stopTimeoutMs, 'late', { signal: timeout.signal }).catch(() => 'in time')
      if ((await Promise.race([Promise.all(remaining.map(({ ended }) => ended)), timedOut])) === 'late') killAll()
      timeout.abort()
      await Promise.all(remaining.map(({ ended }) => ended))
    },
    killAll,
  }
}
