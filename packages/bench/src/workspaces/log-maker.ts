import { type Event, timeFromMs, writeLog } from '@claimlog/client/unstable-internals'

/** Tasks of one kind: the first `done` of them are finished, the rest are ready. */
export type TaskGroup = { readonly kind: string; readonly tasks: number; readonly done: number }

/** An event without `seq` and `time`, which are added when it is written. */
type UnnumberedEvent = Event extends infer E ? (E extends Event ? Omit<E, 'seq' | 'time'> : never) : never

const workspaceId = '00000000-0000-4000-8000-000000000000'
const startMs = Date.UTC(2026, 0, 1)
const leaseMs = 900_000

/** Writes a log into `dir` as commands would have written it. Returns the number of its events. */
export const makeLog = (dir: string, groups: ReadonlyArray<TaskGroup>): number => {
  const log = writeLog(dir)
  let seq = 0
  const write = (event: UnnumberedEvent): number => {
    seq += 1
    // A hundred events per second, so that the leases are realistic.
    log.write({ seq, ...event, time: timeFromMs(startMs + seq * 10) })
    return seq
  }
  try {
    const backoff = { firstMs: 10_000, maxMs: 3_600_000 }
    write({ event: 'opened', format: 1, workspace: workspaceId, leaseMs, maxAttempts: 3, backoff })
    for (const group of groups) writeTasks(group, write)
    return seq
  } finally {
    log.close()
  }
}

const tasksPerBatch = 1000

/** Adds a batch, then completes it: an added task waits a while for its claim, as in a queue in use. */
const writeTasks = ({ kind, tasks, done }: TaskGroup, write: (event: UnnumberedEvent) => number): void => {
  for (let from = 0; from < tasks; from += tasksPerBatch) {
    const to = Math.min(tasks, from + tasksPerBatch)
    for (let i = from; i < to; i += 1) write({ event: 'added', taskId: formatTaskId(kind, i), kind })
    for (let i = from; i < Math.min(done, to); i += 1) {
      const claimFields = { worker: `worker-${(i % 8) + 1}`, taskId: formatTaskId(kind, i) }
      // About the time of the log after three events per task.
      const leaseUntil = timeFromMs(startMs + leaseMs + 3 * i * 10)
      const token = write({ event: 'claimed', ...claimFields, attempt: 1, leaseUntil })
      write({ event: 'completed', ...claimFields, token })
    }
  }
}

/** The id of the task of a kind that was added at `index`, from 0. */
export const formatTaskId = (kind: string, index: number): string => `${kind}-${index + 1}`
