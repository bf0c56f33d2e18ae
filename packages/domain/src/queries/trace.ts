import { type LogClock, toElapsedEvents, toWallTime } from '../time/clock.ts'
import type { TaskEvent } from '../events/index.ts'
import type { TaskId, Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import type { Status, Task } from '../state/task.ts'
import { type Lane, traceLanes, totalMs } from './trace-lanes.ts'
import { traceSteps, type TraceStep } from './trace-steps.ts'
import { type Phase, historyEntries } from './trace-history.ts'

export type { Lane, TraceStep }

export type TaskTrace = {
  readonly taskId: TaskId
  readonly kind: string
  readonly status: Status
  readonly steps: ReadonlyArray<TraceStep>
  readonly lanes: ReadonlyArray<Lane>
  /** The phase since the last step. */
  readonly phase: Phase
  /** Total length of the lanes per name. */
  readonly waitedMs: number
  readonly ranMs: number
  readonly retryingMs: number
  readonly heldMs: number
  readonly seq: number
}

/**
 * Builds the history of `task` from its log lines, in order, and the log's `seq` and `clock`. An open lane is
 * measured until `now`. Lengths are measured in elapsed time, as far as it can be derived from the lines of one
 * task and the log's clock. Times are converted to the wall clock of `clock`.
 */
export const traceTask = (
  { seq, clock }: Pick<State, 'seq' | 'clock'>,
  task: Task,
  lines: ReadonlyArray<TaskEvent>,
  now: Time,
): TaskTrace => {
  const events = toElapsedEvents(lines, clock, now)
  const entries = historyEntries(events, now)
  const lanes = traceLanes(entries, now)
  return {
    taskId: task.id,
    kind: task.kind,
    status: task.status,
    steps: traceSteps(entries).map(step => toWallClockStep(step, clock)),
    lanes: lanes.map(lane => toWallClockLane(lane, clock)),
    phase: entries.at(-1)?.after ?? 'waiting',
    waitedMs: totalMs(lanes, 'waiting'),
    ranMs: totalMs(lanes, 'running'),
    retryingMs: totalMs(lanes, 'retrying'),
    heldMs: totalMs(lanes, 'held'),
    seq,
  }
}

const toWallClockStep = (step: TraceStep, clock: LogClock): TraceStep => {
  if (clock.shiftMs === 0) return step
  const { time, leaseUntil, retryAt } = step
  return {
    ...step,
    time: toWallTime(time, clock),
    ...(leaseUntil === undefined ? {} : { leaseUntil: toWallTime(leaseUntil, clock) }),
    ...(retryAt === undefined ? {} : { retryAt: toWallTime(retryAt, clock) }),
  }
}

const toWallClockLane = (lane: Lane, clock: LogClock): Lane => {
  if (clock.shiftMs === 0) return lane
  const { from, until, retryAt, progress, notes } = lane
  const toWallClockEntry = <A extends { readonly time: Time }>(entry: A): A => ({
    ...entry,
    time: toWallTime(entry.time, clock),
  })
  return {
    ...lane,
    from: toWallTime(from, clock),
    ...(until === undefined ? {} : { until: toWallTime(until, clock) }),
    ...(retryAt === undefined ? {} : { retryAt: toWallTime(retryAt, clock) }),
    ...(progress === undefined ? {} : { progress: progress.map(toWallClockEntry) }),
    ...(notes === undefined ? {} : { notes: notes.map(toWallClockEntry) }),
  }
}
