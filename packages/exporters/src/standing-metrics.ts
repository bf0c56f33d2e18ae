import { allTasks, type Kind, msOf, standingAt, standings, type State, type Task, type Time } from '@claimlog/domain'
import type { Family } from '@claimlog/wire'
import { gauge } from './metric-family.ts'
import { tally } from './tally.ts'

/** How things stand at `now`: how many tasks of each kind are where, and how old the oldest is that anybody could claim. */
export const standingMetrics = (state: State, kinds: ReadonlyArray<Kind>, now: Time): ReadonlyArray<Family> => {
  const counts = tally()
  const oldest = new Map<Kind, number>()
  for (const task of allTasks(state)) {
    const standing = standingAt(task, now)
    counts.add(task.kind, standing)
    if (standing === 'ready') oldest.set(task.kind, Math.max(oldest.get(task.kind) ?? 0, ageAt(task, now)))
  }
  const places = kinds.flatMap(kind => standings.map(status => ({ kind, status })))
  return [
    gauge(
      'claimlog_tasks',
      'Tasks by where they stand; of those that are ready, claimed ones and those that wait for a time are told apart.',
      places.map(labels => [labels, counts.of(labels.kind, labels.status)]),
    ),
    gauge(
      'claimlog_live_claims',
      'Claims whose lease has not ended.',
      kinds.map(kind => [{ kind }, counts.of(kind, 'claimed')]),
    ),
    gauge(
      'claimlog_oldest_ready_task_age_seconds',
      'How long ago the oldest task that waits for nothing but a worker was added, or had again; 0: there is none.',
      kinds.map(kind => [{ kind }, (oldest.get(kind) ?? 0) / 1000]),
      'seconds',
    ),
  ]
}

/** In milliseconds. */
const ageAt = ({ revived, addedAt }: Task, now: Time): number => Math.max(0, msOf(now) - msOf(revived?.time ?? addedAt))
