import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../programs/seeded-random.mjs'
import { runClaimlog, journalsDir, markersDir, type SoakDirs, temporaryDir, workspaceDir } from './command-line.ts'
import { type SoakWorkers, startWorkers } from './soak-workers.ts'
import { disturbWorkers } from './disturber.ts'
import { feedTasks } from './feeder.ts'
import { readJournals } from './journals.ts'
import { createLogReader } from './log-reader.ts'
import { watchOrphans } from './orphan-watch.ts'
import { type SoakReport, createReport } from './soak-report.ts'
import { createTaskHistories } from './task-histories.ts'
import { findProblems } from './find-problems.ts'
import { type IdleUsage, measureIdleUsage, watchMemory } from './resource-usage.ts'

export type SoakOptions = SoakDirs & {
  /** Seconds that workers are disturbed and then idle, without the start, the last tasks and the checks. */
  readonly seconds: number
  readonly seed: number
  /** Called with the progress from time to time. */
  readonly onProgress?: (text: string) => void
}

const watchIntervalMs = 500
const progressIntervalMs = 30_000

/** The longest time that the remaining tasks may take once the disturbances have ended. */
const finishTimeout = '3m'

/** Runs the whole test in `scratch`, which must exist and be empty, and returns the report. */
export const runSoak = async (options: SoakOptions): Promise<SoakReport> => {
  const { seconds, seed, onProgress = () => undefined } = options
  const idleMs = seconds < 60 ? 5000 : 15_000
  const histories = createTaskHistories()
  await prepareWorkspace(options)
  const readLog = createLogReader(join(workspaceDir(options), 'events.jsonl'))
  const workers = startWorkers(options)
  const [orphans, memory] = [watchOrphans(workers, histories), watchMemory(workers)]
  const watchTimer = startInterval(watchIntervalMs, () => {
    histories.addLines(readLog())
    orphans.check()
    memory.sample()
  })
  const progressTimer = startInterval(progressIntervalMs, () =>
    onProgress(`${histories.tasks.size} tasks, ${histories.countOpen()} of them open`),
  )
  try {
    const stopSignal = AbortSignal.timeout(Math.max(1000, seconds * 1000 - idleMs))
    const [disturbances] = await Promise.all([
      disturbWorkers(seededRandom(seed), workers, stopSignal),
      feedTasks(options, seededRandom(seed + 1), histories.countOpen, stopSignal),
    ])
    onProgress('no more disturbances')
    const finishProblems = await waitUntilFinished(options)
    const idle = await measureIdle(workers, idleMs)
    await workers.stopAll()
    // Processes that they started have the same time to exit as during the test.
    while (orphans.listRemaining().length > 0 && orphans.problems.length === 0) await sleep(watchIntervalMs)
    histories.addLines(readLog())
    const problems = [
      ...finishProblems,
      ...workers.problems,
      ...orphans.problems,
      ...memory.problems(),
      ...idle.problems,
      ...findProblems(histories, readJournals(journalsDir(options))),
      ...(await checkLog(options)),
    ]
    const measured = { peakOrphanMs: orphans.peakOrphanMs(), peakBytes: memory.peakBytes(), idle: idle.percent }
    return createReport({ seed, seconds, problems, disturbances, histories, workers: workers.all.length, ...measured })
  } finally {
    watchTimer.end()
    progressTimer.end()
    workers.killAll()
    orphans.killRemaining()
  }
}

const prepareWorkspace = async (dirs: SoakDirs): Promise<void> => {
  for (const folder of [journalsDir(dirs), markersDir(dirs), temporaryDir(dirs)]) mkdirSync(folder)
  const result = await runClaimlog(dirs, ['init', '--backoff', '50ms..400ms', '--max-attempts', '12'])
  if (result.status !== 0) throw new Error(`the workspace could not be created: ${result.stdout}${result.stderr}`)
}

const waitUntilFinished = async (dirs: SoakDirs): Promise<ReadonlyArray<string>> => {
  const { status, stdout, stderr } = await runClaimlog(dirs, ['wait', '--empty', '--timeout', finishTimeout])
  return status === 0 ? [] : [`wait --empty exited with ${status}: ${stdout}${stderr}`]
}

/**
 * Measures up to three times: some seconds after being busy, a worker runs its garbage collector once, which may exceed
 * the limit of a short measurement. A worker that polls exceeds it in all three.
 */
const measureIdle = async (workers: SoakWorkers, ms: number): Promise<IdleUsage> => {
  for (let retriesLeft = 2; ; retriesLeft -= 1) {
    await sleep(3000)
    const idle = await measureIdleUsage(workers, ms)
    if (idle.problems.length === 0 || retriesLeft === 0) return idle
  }
}

const checkLog = async (dirs: SoakDirs): Promise<ReadonlyArray<string>> => {
  const problems: Array<string> = []
  for (const words of [['verify'], ['replay', '--check']]) {
    const { status, stdout, stderr } = await runClaimlog(dirs, words)
    if (status !== 0) problems.push(`${words.join(' ')} exited with ${status}: ${stdout}${stderr}`)
  }
  return problems
}

/** Calls `work` at an interval until `end`; an error in it is an uncaught exception. */
const startInterval = (ms: number, work: () => void): { readonly end: () => void } => {
  const timer = setInterval(work, ms)
  return { end: () => clearInterval(timer) }
}
