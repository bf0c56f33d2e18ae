import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../programs/seeded-random.mjs'
import { claimlog, journalsOf, marksOf, type Place, temporaryOf, workspaceOf } from './command-line.ts'
import { type Crew, startCrew } from './crew.ts'
import { disturber } from './disturber.ts'
import { feeder } from './feeder.ts'
import { readJournals } from './journals.ts'
import { logReader } from './log-reader.ts'
import { orphanWatch } from './orphan-watch.ts'
import { type SoakReport, soakReport } from './soak-report.ts'
import { taskLives } from './task-lives.ts'
import { problemsOf } from './verdict.ts'
import { type Idle, idleFor, memoryWatch } from './vital-signs.ts'

export type SoakOptions = Place & {
  /** Seconds that workers are disturbed and then idle, without the start, the last tasks and the checks. */
  readonly seconds: number
  readonly seed: number
  /** Called with the progress from time to time. */
  readonly onProgress?: (text: string) => void
}

const watchEveryMs = 500
const tellEveryMs = 30_000

/** The longest time that the remaining tasks may take once the disturbances have ended. */
const mostToSettle = '3m'

/** Runs the whole test in `scratch`, which must exist and be empty, and returns the report. */
export const soak = async (options: SoakOptions): Promise<SoakReport> => {
  const { seconds, seed, onProgress = () => undefined } = options
  const idleMs = seconds < 60 ? 5000 : 15_000
  const lives = taskLives()
  await prepare(options)
  const readLog = logReader(join(workspaceOf(options), 'events.jsonl'))
  const crew = startCrew(options)
  const [orphans, memory] = [orphanWatch(crew, lives), memoryWatch(crew)]
  const watching = every(watchEveryMs, () => {
    lives.enter(readLog())
    orphans.look()
    memory.sample()
  })
  const telling = every(tellEveryMs, () => onProgress(`${lives.tasks.size} tasks, ${lives.open()} of them open`))
  try {
    const rest = AbortSignal.timeout(Math.max(1000, seconds * 1000 - idleMs))
    const [disturbances] = await Promise.all([
      disturber(seededRandom(seed), crew, rest),
      feeder(options, seededRandom(seed + 1), lives.open, rest),
    ])
    onProgress('no more disturbances')
    const settled = await settle(options)
    const idle = await idleAfter(crew, idleMs)
    await crew.dismiss()
    // Processes that they started have the same time to exit as during the test.
    while (orphans.left().length > 0 && orphans.problems.length === 0) await sleep(watchEveryMs)
    lives.enter(readLog())
    const problems = [
      ...settled,
      ...crew.problems,
      ...orphans.problems,
      ...memory.problems(),
      ...idle.problems,
      ...problemsOf(lives, readJournals(journalsOf(options))),
      ...(await problemsOfLog(options)),
    ]
    const measured = { longestOrphanMs: orphans.longestMs(), peakBytes: memory.peakBytes(), idle: idle.percent }
    return soakReport({ seed, seconds, problems, disturbances, lives, workers: crew.all.length, ...measured })
  } finally {
    watching.end()
    telling.end()
    crew.disband()
    orphans.killLeft()
  }
}

const prepare = async (place: Place): Promise<void> => {
  for (const folder of [journalsOf(place), marksOf(place), temporaryOf(place)]) mkdirSync(folder)
  const made = await claimlog(place, ['init', '--backoff', '50ms..400ms', '--max-attempts', '12'])
  if (made.status !== 0) throw new Error(`the workspace could not be created: ${made.stdout}${made.stderr}`)
}

const settle = async (place: Place): Promise<ReadonlyArray<string>> => {
  const { status, stdout, stderr } = await claimlog(place, ['wait', '--empty', '--timeout', mostToSettle])
  return status === 0 ? [] : [`wait --empty exited with ${status}: ${stdout}${stderr}`]
}

/**
 * Measures up to three times: some seconds after being busy, a worker runs its garbage collector once, which may exceed
 * the limit of a short measurement. A worker that polls exceeds it in all three.
 */
const idleAfter = async (crew: Crew, ms: number): Promise<Idle> => {
  for (let more = 2; ; more -= 1) {
    await sleep(3000)
    const idle = await idleFor(crew, ms)
    if (idle.problems.length === 0 || more === 0) return idle
  }
}

const problemsOfLog = async (place: Place): Promise<ReadonlyArray<string>> => {
  const problems: Array<string> = []
  for (const words of [['verify'], ['replay', '--check']]) {
    const { status, stdout, stderr } = await claimlog(place, words)
    if (status !== 0) problems.push(`${words.join(' ')} exited with ${status}: ${stdout}${stderr}`)
  }
  return problems
}

/** Calls `work` at an interval until `end`; an error in it is an uncaught exception. */
const every = (ms: number, work: () => void): { readonly end: () => void } => {
  const timer = setInterval(work, ms)
  return { end: () => clearInterval(timer) }
}
