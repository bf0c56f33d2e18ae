import {
  allTasks,
  type Kind,
  timeToMs,
  displayStatus,
  displayStatuses,
  type State,
  type Task,
  type Time,
} from '@claimlog/domain'
import type { MetricFamily } from '@claimlog/wire'
import { gauge } from './metric-family.ts'
import { tally } from './tally.ts'

/** The metrics of the state at `now`: tasks by kind and status, claims, and the age of the oldest claimable task. */
export const standingMetrics = (state: State, kinds: ReadonlyArray<Kind>, now: Time): ReadonlyArray<MetricFamily> => {
  const counts = tally()
  const oldest = new Map<Kind, number>()
  for (const task of allTasks(state)) {
    const standing = displayStatus(task, now)
    counts.add(task.kind, standing)
    if (standing === 'ready') oldest.set(task.kind, Math.max(oldest.get(task.kind) ?? 0, ageAt(task, now)))
  }
  const places = kinds.flatMap(kind => displayStatuses.map(status => ({ kind, status })))
  return [
    gauge(
      'claimlog_tasks',
      'Tasks by status; claimed tasks and tasks that are not yet due are not counted as ready.',
      places.map(labels => [labels, counts.of(labels.kind, labels.status)]),
    ),
    gauge(
      'claimlog_live_claims',
      'Claims whose lease has not expired.',
      kinds.map(kind => [{ kind }, counts.of(kind, 'claimed')]),
    ),
    gauge(
      'claimlog_oldest_ready_task_age_seconds',
      'Time since the oldest claimable task was added or retried; 0 if there is none.',
      kinds.map(kind => [{ kind }, (oldest.get(kind) ?? 0) / 1000]),
      'seconds',
    ),
  ]
}

/** In milliseconds. */
const ageAt = ({ retriedBy, addedAt }: Task, now: Time): number =>
  Math.max(0, timeToMs(now) - timeToMs(retriedBy?.time ?? addedAt))
