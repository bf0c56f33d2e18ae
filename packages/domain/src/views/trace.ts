import { type LogClock, onElapsedAmong, onWallClock } from '../time/clock.ts'
import type { TaskEvent } from '../events/index.ts'
import type { TaskId, Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import type { Status, Task } from '../state/task.ts'
import { type Lane, lanesOf, msIn } from './trace-lanes.ts'
import { stepsOf, type TraceStep } from './trace-steps.ts'
import { type Phase, turnsOf } from './trace-turns.ts'

export type { Lane, TraceStep }

export type TraceView = {
  readonly task_id: TaskId
  readonly kind: string
  readonly status: Status
  readonly steps: ReadonlyArray<TraceStep>
  readonly lanes: ReadonlyArray<Lane>
  /** What it is doing since the last step. */
  readonly phase: Phase
  /** What its lanes took, by their names. */
  readonly waited_ms: number
  readonly ran_ms: number
  readonly retrying_ms: number
  readonly held_ms: number
  readonly seq: number
}

/**
 * The history of `task` told from the lines of its events, in their order, with the log's `seq` and `clock`. `now` ends the lane
 * it is in. The lengths are those of elapsed time, as near as the lines of one task and the clock of the log tell, and the
 * moments are told as a wall clock shows them that fits `clock`.
 */
export const traceView = (
  { seq, clock }: Pick<State, 'seq' | 'clock'>,
  task: Task,
  lines: ReadonlyArray<TaskEvent>,
  now: Time,
): TraceView => {
  const events = onElapsedAmong(lines, clock, now)
  const turns = turnsOf(events, now)
  const lanes = lanesOf(turns, now)
  return {
    task_id: task.id,
    kind: task.kind,
    status: task.status,
    steps: stepsOf(turns).map(step => stepOnWallClock(step, clock)),
    lanes: lanes.map(lane => laneOnWallClock(lane, clock)),
    phase: turns.at(-1)?.after ?? 'waiting',
    waited_ms: msIn(lanes, 'waiting'),
    ran_ms: msIn(lanes, 'running'),
    retrying_ms: msIn(lanes, 'retrying'),
    held_ms: msIn(lanes, 'held'),
    seq,
  }
}

const stepOnWallClock = (step: TraceStep, clock: LogClock): TraceStep => {
  if (clock.shiftMs === 0) return step
  const { time, lease_until: until, retry_at: retryAt } = step
  return {
    ...step,
    time: onWallClock(time, clock),
    ...(until === undefined ? {} : { lease_until: onWallClock(until, clock) }),
    ...(retryAt === undefined ? {} : { retry_at: onWallClock(retryAt, clock) }),
  }
}

const laneOnWallClock = (lane: Lane, clock: LogClock): Lane => {
  if (clock.shiftMs === 0) return lane
  const { from, until, retry_at: retryAt, progress, notes } = lane
  const told = <A extends { readonly time: Time }>(said: A): A => ({ ...said, time: onWallClock(said.time, clock) })
  return {
    ...lane,
    from: onWallClock(from, clock),
    ...(until === undefined ? {} : { until: onWallClock(until, clock) }),
    ...(retryAt === undefined ? {} : { retry_at: onWallClock(retryAt, clock) }),
    ...(progress === undefined ? {} : { progress: progress.map(told) }),
    ...(notes === undefined ? {} : { notes: notes.map(told) }),
  }
}
