import { omitUndefined, type Json, toWireName } from '@claimlog/codecs'
import {
  type Event,
  type Lane,
  type State,
  type Task,
  taskFields,
  type TaskEvent,
  type Time,
  traceTask,
  type TraceStep,
} from '@claimlog/domain'
import type { LaneView, TraceStepView, TraceView } from '../documents/trace.ts'

/** Builds the history of `task` from its events. */
export const traceView = (
  end: Pick<State, 'seq' | 'clock'>,
  task: Task,
  events: ReadonlyArray<TaskEvent>,
  now: Time,
): TraceView => {
  const { taskId, kind, status, steps, lanes, phase, waitedMs, ranMs, retryingMs, heldMs, seq } = traceTask(
    end,
    task,
    events,
    now,
  )
  return {
    taskId,
    kind,
    status,
    steps: steps.map(traceStepView),
    lanes: lanes.map(laneView),
    phase,
    waitedMs,
    ranMs,
    retryingMs,
    heldMs,
    seq,
  }
}

const traceStepView = (step: TraceStep): TraceStepView =>
  omitUndefined({
    seq: step.seq,
    time: step.time,
    event: step.event,
    by: step.by,
    worker: step.worker,
    token: step.token,
    attempt: step.attempt,
    leaseUntil: step.leaseUntil,
    progress: step.progress,
    result: step.result,
    error: step.error,
    stack: step.stack,
    retryAt: step.retryAt,
    reason: step.reason,
    text: step.text,
    changes: step.amended === undefined ? undefined : listChanges(step.amended),
    phase: step.phase,
    afterMs: step.afterMs,
  })

/** Converts a lane of a task's history. */
export const laneView = (lane: Lane): LaneView =>
  omitUndefined({
    lane: lane.lane,
    from: lane.from,
    until: lane.until,
    ms: lane.ms,
    attempt: lane.attempt,
    worker: lane.worker,
    token: lane.token,
    by: lane.by,
    reason: lane.reason,
    retryAt: lane.retryAt,
    end: lane.end,
    endedBy: lane.endedBy,
    error: lane.error,
    stack: lane.stack,
    endReason: lane.endReason,
    progress: lane.progress,
    notes: lane.notes,
    takenOverBy: lane.takenOverBy,
  })

/** True if an amendment can change the field. */
const isAmendable = (field: string): boolean => field === 'kind' || Object.hasOwn(taskFields, field)

const listChanges = (event: Extract<Event, { readonly event: 'amended' }>): { readonly [field: string]: Json } =>
  Object.fromEntries(
    Object.entries(event as Readonly<Record<string, Json | undefined>>).flatMap(([field, value]) =>
      value === undefined || !isAmendable(toWireName(field)) ? [] : [[field, value] as const],
    ),
  )
