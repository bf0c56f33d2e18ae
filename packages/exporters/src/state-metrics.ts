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
import { labelCounters } from './label-counters.ts'

/** The metrics of the state at `now`: tasks by kind and status, claims, and the age of the oldest claimable task. */
export const stateMetrics = (state: State, kinds: ReadonlyArray<Kind>, now: Time): ReadonlyArray<MetricFamily> => {
  const counts = labelCounters()
  const oldestAges = new Map<Kind, number>()
  for (const task of allTasks(state)) {
    const status = displayStatus(task, now)
    counts.add(task.kind, status)
    if (status === 'ready') oldestAges.set(task.kind, Math.max(oldestAges.get(task.kind) ?? 0, ageMs(task, now)))
  }
  const statusLabels = kinds.flatMap(kind => displayStatuses.map(status => ({ kind, status })))
  return [
    gauge(
      'claimlog_tasks',
      'Tasks by status; claimed tasks and tasks that are not yet due are not counted as ready.',
      statusLabels.map(labels => [labels, counts.get(labels.kind, labels.status)]),
    ),
    gauge(
      'claimlog_live_claims',
      'Claims whose lease has not expired.',
      kinds.map(kind => [{ kind }, counts.get(kind, 'claimed')]),
    ),
    gauge(
      'claimlog_oldest_ready_task_age_seconds',
      'Time since the oldest claimable task was added or retried; 0 if there is none.',
      kinds.map(kind => [{ kind }, (oldestAges.get(kind) ?? 0) / 1000]),
      'seconds',
    ),
  ]
}

/** In milliseconds. */
const ageMs = ({ retriedBy, addedAt }: Task, now: Time): number =>
  Math.max(0, timeToMs(now) - timeToMs(retriedBy?.time ?? addedAt))
