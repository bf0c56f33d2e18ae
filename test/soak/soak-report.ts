import type { Disturbances } from './disturber.ts'
import type { ClaimHistory, TaskHistories } from './task-histories.ts'

/** The result of a soak test, as `--json` prints it. */
export type SoakReport = {
  readonly seed: number
  readonly seconds: number
  /** All problems, in words. */
  readonly problems: ReadonlyArray<string>
  /** The number of tasks by what they do and how they ended. */
  readonly tasks: Readonly<Record<string, TaskCounts>>
  readonly claims: Readonly<Record<'made' | Exclude<ClaimHistory['ended'], undefined>, number>>
  readonly disturbances: Disturbances
  /** The number of worker processes. */
  readonly workers: number
  readonly longest_orphan_ms: number
  readonly peak_rss_mib: number
  /** The processor time of each worker while idle. */
  readonly idle_cpu_percent: ReadonlyArray<number>
}

type TaskCounts = { done: number; failed: number; expired: number; open: number }

type SoakMeasurements = Pick<SoakReport, 'seed' | 'seconds' | 'problems' | 'disturbances' | 'workers'> & {
  readonly histories: Pick<TaskHistories, 'tasks'>
  readonly peakOrphanMs: number
  readonly peakBytes: number
  readonly idle: ReadonlyArray<number>
}

export const createReport = ({
  histories,
  peakOrphanMs,
  peakBytes,
  idle,
  ...unchangedFields
}: SoakMeasurements): SoakReport => {
  const tasks: Record<string, TaskCounts> = {}
  const claims = { made: 0, completed: 0, failed: 0, released: 0, expired: 0 }
  for (const { does, status, claims: taskClaims } of histories.tasks.values()) {
    const counts = (tasks[does] ??= { done: 0, failed: 0, expired: 0, open: 0 })
    counts[status === 'failed' && taskClaims.at(-1)?.ended === 'expired' ? 'expired' : status] += 1
    for (const { ended } of taskClaims) {
      claims.made += 1
      if (ended !== undefined) claims[ended] += 1
    }
  }
  return {
    ...unchangedFields,
    tasks,
    claims,
    longest_orphan_ms: peakOrphanMs,
    peak_rss_mib: Math.round(peakBytes / 1024 / 1024),
    idle_cpu_percent: idle.map(percent => Math.round(percent * 100) / 100),
  }
}

const problemLengthMax = 1000

/** Renders a report for people. */
export const renderReport = (report: SoakReport): string => {
  const { seed, seconds, problems, tasks, claims, disturbances } = report
  const row = (name: string, words: ReadonlyArray<string | number>): string =>
    `  ${name.padEnd(18)}${words.map(word => String(word).padStart(8)).join('')}`
  const rows = Object.entries(tasks)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([does, { done, failed, expired, open }]) => row(does, [done, failed, expired, open]))
  return [
    `seed ${seed}, ${seconds} s`,
    '',
    row('tasks', ['done', 'failed', 'expired', 'open']),
    ...rows,
    '',
    `claims      ${claims.made}: ${claims.completed} completed, ${claims.failed} failed, ${claims.released} released, ${claims.expired} expired`,
    `workers     ${report.workers}: ${disturbances.kills} killed, ${disturbances.exitRequests} asked to exit, ${disturbances.repeatedExitRequests} of them twice; ${disturbances.stops} pauses`,
    `processes   no orphan for longer than ${report.longest_orphan_ms} ms`,
    `memory      ${report.peak_rss_mib} MiB peak`,
    `idle CPU    ${report.idle_cpu_percent.map(percent => `${percent} %`).join(', ')}`,
    '',
    ...(problems.length === 0
      ? ['no problems']
      : problems.map(problem => `WRONG  ${problem.slice(0, problemLengthMax)}`)),
    '',
  ].join('\n')
}
