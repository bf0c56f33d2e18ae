import { setTimeout as sleep } from 'node:timers/promises'
import type { Place } from './command-line.ts'
import { startWorker, type WorkerProcess } from './worker-process.ts'

/**
 * The arguments of each worker. The first two are only paused, never ended, so that some run for the whole test. Those
 * with a timeout take only hanging tasks, because any other command may be slow.
 */
const roster: Readonly<Record<string, ReadonlyArray<string>>> = {
  w1: ['steady', 'failing', '-j', '2', '--lease', '2s', '--json'],
  w2: ['steady', 'failing', '--lease', '3s'],
  w3: ['steady', '-j', '2', '--lease', '1s', '--json', '--quiet'],
  w4: ['steady', 'failing', '--lease', '1s'],
  w5: ['failing', 'steady', '--lease', '2s', '--quiet'],
  w6: ['steady', 'failing', '-j', '2', '--lease', '1500ms'],
  w7: ['hanging', '-j', '2', '--lease', '1s', '--timeout', '1500ms', '--json'],
  w8: ['hanging', '--lease', '3s', '--timeout', '2s'],
}

const spared = new Set(['w1', 'w2'])

/** The eight workers. One that exits is restarted under the same name until all are dismissed. */
export type Crew = {
  /** The running workers. */
  readonly now: () => ReadonlyArray<WorkerProcess>
  /** All workers ever started. */
  readonly all: ReadonlyArray<WorkerProcess>
  /** Unexpected exits of workers, in words. */
  readonly problems: ReadonlyArray<string>
  /** Asks all to exit, and resolves when they have; those that do not are killed and reported as a problem. */
  readonly dismiss: () => Promise<void>
  /** Kills all workers; for a test that ends early. */
  readonly disband: () => void
}

/** True if a worker is never killed or asked to exit. */
export const isSpared = ({ name }: WorkerProcess): boolean => spared.has(name)

/** Generous for slow machines: no step of theirs takes longer than a few seconds. */
const mostToEndMs = 60_000

export const startCrew = (place: Place): Crew => {
  const all: Array<WorkerProcess> = []
  const problems: Array<string> = []
  const running = new Map<string, WorkerProcess>()
  let isDismissed = false

  const start = (name: string, words: ReadonlyArray<string>): void => {
    const worker = startWorker(place, name, all.length + 1, words)
    all.push(worker)
    running.set(name, worker)
    void worker.ended.then(problem => {
      if (problem !== undefined) problems.push(problem)
      running.delete(name)
      if (!isDismissed) start(name, words)
    })
  }
  const disband = (): void => {
    isDismissed = true
    for (const worker of running.values()) worker.kill('SIGKILL')
  }
  process.on('exit', disband)
  for (const [name, words] of Object.entries(roster)) start(name, words)
  return {
    all,
    problems,
    now: () => [...running.values()].filter(({ endedAt }) => endedAt === undefined),
    dismiss: async () => {
      isDismissed = true
      const left = [...running.values()]
      for (const worker of left) {
        worker.disturbed ??= 'told'
        worker.kill('SIGTERM')
      }
      const patience = new AbortController()
      const late = sleep(mostToEndMs, 'late', { signal: patience.signal }).catch(() => 'in time')
      if ((await Promise.race([Promise.all(left.map(({ ended }) => ended)), late])) === 'late') disband()
      patience.abort()
      await Promise.all(left.map(({ ended }) => ended))
    },
    disband,
  }
}
