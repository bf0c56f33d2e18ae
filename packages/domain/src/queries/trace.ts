import { type LogClock, onElapsedAmong, onWallClock } from '../time/clock.ts'
import type { TaskEvent } from '../events/index.ts'
import type { TaskId, Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import type { Status, Task } from '../state/task.ts'
import { type Lane, lanesOf, msIn } from './trace-lanes.ts'
import { stepsOf, type TraceStep } from './trace-steps.ts'
import { type Phase, turnsOf } from './trace-turns.ts'

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
  const events = onElapsedAmong(lines, clock, now)
  const turns = turnsOf(events, now)
  const lanes = lanesOf(turns, now)
  return {
    taskId: task.id,
    kind: task.kind,
    status: task.status,
    steps: stepsOf(turns).map(step => stepOnWallClock(step, clock)),
    lanes: lanes.map(lane => laneOnWallClock(lane, clock)),
    phase: turns.at(-1)?.after ?? 'waiting',
    waitedMs: msIn(lanes, 'waiting'),
    ranMs: msIn(lanes, 'running'),
    retryingMs: msIn(lanes, 'retrying'),
    heldMs: msIn(lanes, 'held'),
    seq,
  }
}

const stepOnWallClock = (step: TraceStep, clock: LogClock): TraceStep => {
  if (clock.shiftMs === 0) return step
  const { time, leaseUntil, retryAt } = step
  return {
    ...step,
    time: onWallClock(time, clock),
    ...(leaseUntil === undefined ? {} : { leaseUntil: onWallClock(leaseUntil, clock) }),
    ...(retryAt === undefined ? {} : { retryAt: onWallClock(retryAt, clock) }),
  }
}

const laneOnWallClock = (lane: Lane, clock: LogClock): Lane => {
  if (clock.shiftMs === 0) return lane
  const { from, until, retryAt, progress, notes } = lane
  const told = <A extends { readonly time: Time }>(said: A): A => ({ ...said, time: onWallClock(said.time, clock) })
  return {
    ...lane,
    from: onWallClock(from, clock),
    ...(until === undefined ? {} : { until: onWallClock(until, clock) }),
    ...(retryAt === undefined ? {} : { retryAt: onWallClock(retryAt, clock) }),
    ...(progress === undefined ? {} : { progress: progress.map(told) }),
    ...(notes === undefined ? {} : { notes: notes.map(told) }),
  }
}
