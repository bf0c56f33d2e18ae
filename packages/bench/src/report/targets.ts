/** A target: first the threshold, then the goal. Ratios are to the baseline of a figure. */
export type Target = {
  readonly title: string
  /** The value that is judged: the figure itself, or its ratio to the baseline. */
  readonly measure: 'amount' | 'ratio'
  readonly bound: 'at least' | 'at most'
  readonly threshold?: number
  readonly goal?: number
  /** True: for a log on a server. */
  readonly onServer?: boolean
}

const createTarget = (
  title: string,
  measure: Target['measure'],
  bound: Target['bound'],
  threshold: number | undefined,
  goal: number | undefined,
): Target => ({ title, measure, bound, threshold, goal })

const serverTarget = (
  title: string,
  measure: Target['measure'],
  bound: Target['bound'],
  threshold: number,
): Target => ({ title: `PostgreSQL: ${title}`, measure, bound, threshold, onServer: true })

const pgRatio = (title: string, threshold: number): Target => serverTarget(title, 'ratio', 'at least', threshold)

const pgAmount = (title: string, bound: Target['bound'], threshold: number): Target =>
  serverTarget(title, 'amount', bound, threshold)

/** In the order of the report. */
export const targets = {
  'unsynced-1': createTarget('cycles/s, unsynced, 1 process, against SQLite NORMAL', 'ratio', 'at least', 1.5, 2.2),
  'unsynced-8': createTarget('cycles/s, unsynced, 8 processes, against SQLite NORMAL', 'ratio', 'at least', 0.8, 1.2),
  'fairness-unsynced': createTarget('most / least work among 8 processes, unsynced', 'amount', 'at most', 3, 1.5),
  'fairness-synced': createTarget('most / least work among 8 processes, synced', 'amount', 'at most', 3, 1.5),
  'claim-p999': createTarget('claim p99.9 at 8 processes, unsynced (ms)', 'amount', 'at most', 10, 5),
  'claim-max': createTarget('slowest claim at 8 processes, unsynced (ms)', 'amount', 'at most', 100, 30),
  'synced-1-floor': createTarget(
    'results/s, synced, 1 process, claim and complete separately, against bare write + fdatasync',
    'ratio',
    'at least',
    0.9,
    0.97,
  ),
  'synced-1-settle': createTarget(
    'cycles/s, synced, 1 process, complete and claim next, against SQLite FULL',
    'ratio',
    'at least',
    1.3,
    1.5,
  ),
  'synced-8-halves': createTarget(
    'cycles/s, synced, 8 processes, claim and complete separately, against SQLite FULL',
    'ratio',
    'at least',
    1.2,
    1.5,
  ),
  'synced-8-settle': createTarget(
    'cycles/s, synced, 8 processes, complete and claim next, against SQLite FULL',
    'ratio',
    'at least',
    1.7,
    2.2,
  ),
  'in-flight': createTarget('cycles/s, synced, 1 process, 100 in flight', 'amount', 'at least', 30_000, 60_000),
  'add-one': createTarget('tasks/s added one by one, synced, against SQLite FULL', 'ratio', 'at least', 0.9, 1),
  'add-bulk': createTarget('tasks/s added in bulk of 1,000, synced, against SQLite FULL', 'ratio', 'at least', 1, 1.5),
  'cli-1k': createTarget(
    'CLI claim at 1 thousand tasks, whole process, against node -e 0',
    'ratio',
    'at most',
    1.55,
    1.4,
  ),
  'cli-1m': createTarget(
    'CLI claim at 1 million tasks, whole process, against node -e 0',
    'ratio',
    'at most',
    1.8,
    1.55,
  ),
  'size-1m': createTarget('library claim at 1 million tasks against 1 thousand', 'ratio', 'at most', 1.3, 1.1),
  'in-front': createTarget(
    'library claim with 100,000 ready tasks of another kind in front against none',
    'ratio',
    'at most',
    1.3,
    1.1,
  ),
  'replay-rate': createTarget('replay with all checks, events/s', 'amount', 'at least', 600_000, undefined),
  'replay-share': createTarget('replay against bare JSON.parse', 'ratio', 'at least', undefined, 0.5),
  trace: createTarget(
    'trace of one task in a log of 4 million events, against bare node',
    'ratio',
    'at most',
    1.9,
    1.6,
  ),
  'wake-1': createTarget('wake-up by the library, 1 process waiting, p99 (ms)', 'amount', 'at most', 50, undefined),
  'wake-8': createTarget('wake-up by the library, 8 processes waiting, p99 (ms)', 'amount', 'at most', 50, undefined),
  'wake-claim': createTarget('wake-up of claimlog claim --wait, p99 (ms)', 'amount', 'at most', 50, undefined),
  'wake-work': createTarget('wake-up of claimlog work, p99 (ms)', 'amount', 'at most', 50, undefined),
  'wake-tail': createTarget('wake-up of claimlog tail -f, p99 (ms)', 'amount', 'at most', 50, undefined),
  'idle-library': createTarget('CPU time of an idle worker, library (% of a core)', 'amount', 'at most', 1, undefined),
  'idle-work': createTarget('CPU time of an idle claimlog work (% of a core)', 'amount', 'at most', 1, undefined),
  'idle-tail': createTarget('CPU time of an idle claimlog tail -f (% of a core)', 'amount', 'at most', 1, undefined),
  'pg-1-graphile': pgRatio('cycles/s, 1 process, claim and complete separately, against graphile-worker', 0.7),
  'pg-1-boss': pgRatio('cycles/s, 1 process, claim and complete separately, against pg-boss', 1),
  'pg-4-worker': pgRatio('cycles/s, 4 processes, worker, against the worker of graphile-worker', 0.8),
  'pg-8-worker': pgRatio('cycles/s, 8 processes, worker, against the worker of graphile-worker', 0.7),
  'pg-4-worker-boss': pgRatio('cycles/s, 4 processes, worker, against pg-boss', 1),
  'pg-8-worker-boss': pgRatio('cycles/s, 8 processes, worker, against pg-boss', 1),
  'pg-4-graphile': pgRatio('cycles/s, 4 processes, claim and complete separately, against graphile-worker', 0.45),
  'pg-8-graphile': pgRatio('cycles/s, 8 processes, claim and complete separately, against graphile-worker', 0.25),
  'pg-8-slowest': pgAmount('slowest of 8 processes / mean, claim and complete separately', 'at least', 0.6),
  'pg-8-slowest-worker': pgAmount('slowest of 8 processes / mean, worker', 'at least', 0.6),
  'pg-8-claim-p99': pgAmount('claim p99 at 8 processes (ms)', 'at most', 100),
  'pg-listeners': pgRatio('appends/s of 8 workspaces, 2 ms a flush, a waiting worker each against none', 0.8),
  'pg-idle-waiters': serverTarget(
    "server's processor time per append, 100 waiting workers against none",
    'ratio',
    'at most',
    1.2,
  ),
  'pg-wake-up': pgAmount('wake-up by the library, 1 process waiting, p99 (ms)', 'at most', 50),
  'pg-lanes': pgRatio('cycles/s, 1 process, 2 ms a flush, 16 in flight against one', 6),
  'pg-command-line': serverTarget('CLI claim with password and TLS against one from a file', 'ratio', 'at most', 2),
  memory: createTarget('peak memory of a CLI claim at 1 million tasks (MiB)', 'amount', 'at most', 90, 70),
} as const satisfies Readonly<Record<string, Target>>

export type TargetName = keyof typeof targets
