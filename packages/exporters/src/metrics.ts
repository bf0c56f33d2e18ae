import { type Event, eventCodecs, isLapseError, type Kind, type Lane, type State, type Time } from '@claimlog/domain'
import type { Family } from '@claimlog/wire'
import { counter, gauge } from './metric-family.ts'
import { standingMetrics } from './standing-metrics.ts'
import { tally } from './tally.ts'
import { timesByKind } from './times.ts'
import { type Life, walk, type WalkedEvent } from './walk.ts'

/** Metrics on their way through a history, from the log's first event. */
export type Metrics = {
  readonly take: (event: Event) => void
  /** The metrics of what was taken; those that a clock is needed for, at `now`; `bytes` is how long the log is. */
  readonly families: (now: Time, bytes: number) => ReadonlyArray<Family>
  readonly state: () => State
}

/** What is counted for each kind of task; the names are those of the metrics. */
type Counted = 'tasks_added' | 'claims' | 'claims_lapsed' | 'attempts_failed'

const finishedAs = ['done', 'failed', 'cancelled'] as const

/**
 * Counts a history. Every count is a fold of the log and so goes on where it was after any restart, and none has a label
 * with more values than there are kinds: tasks and workers are not named.
 */
export const metrics = (): Metrics => {
  const history = walk()
  const events = tally()
  const counted = tally()
  const finished = tally()
  const kinds = new Set<Kind>()
  const waiting = timesByKind(
    'claimlog_task_waiting_seconds',
    'How long finished tasks had waited, for what they need or for a worker.',
  )
  const running = timesByKind(
    'claimlog_task_running_seconds',
    'How long finished tasks had been worked on, all attempts together.',
  )

  const countLife = ({ task: { kind, status }, lanes }: Life): void => {
    const msIn = (...names: ReadonlyArray<Lane['lane']>): number =>
      lanes.reduce((sum, { lane }) => (names.includes(lane.lane) ? sum + lane.ms : sum), 0)
    finished.add(kind, status)
    waiting.add(kind, msIn('waiting', 'retrying'))
    running.add(kind, msIn('running'))
  }

  return {
    take: event => {
      events.add(event.event)
      const walked = history.take(event)
      const { after, life } = walked
      if (after !== undefined) {
        kinds.add(after.kind)
        for (const what of countedIn(walked)) counted.add(what, after.kind)
      }
      if (life !== undefined) countLife(life)
    },
    state: history.state,
    families: (now, bytes) => {
      const all = [...kinds].sort()
      const perKind = (what: Counted, help: string): Family =>
        counter(
          `claimlog_${what}`,
          help,
          all.map(kind => [{ kind }, counted.of(what, kind)]),
        )
      const perEnd = all.flatMap(kind => finishedAs.map(status => ({ kind, status })))
      return [
        counter(
          'claimlog_events',
          'Events in the log.',
          Object.keys(eventCodecs).map(event => [{ event }, events.of(event)]),
        ),
        perKind('tasks_added', 'Tasks that were added.'),
        counter(
          'claimlog_tasks_finished',
          'Times that a task was finished, and as what.',
          perEnd.map(labels => [labels, finished.of(labels.kind, labels.status)]),
        ),
        perKind('claims', 'Claims, each of which is an attempt of a task.'),
        perKind('claims_lapsed', 'Claims that were lost, as their lease had ended and the task went to others.'),
        perKind('attempts_failed', 'Attempts of which their workers said that they failed.'),
        waiting.family(all),
        running.family(all),
        ...standingMetrics(history.state(), all, now),
        gauge('claimlog_log_seq', 'The number of the last event.', [[{}, history.state().seq]]),
        gauge('claimlog_log_bytes', 'How long the log is.', [[{}, bytes]], 'bytes'),
      ]
    },
  }
}

const countedIn = ({ event, before }: WalkedEvent): ReadonlyArray<Counted> => {
  if (event.event === 'added') return ['tasks_added']
  // A claim in the place of another: the lease of that one had ended.
  if (event.event === 'claimed') return before?.claim === undefined ? ['claims'] : ['claims', 'claims_lapsed']
  if (event.event === 'failed') return [isLapseError(event.error) ? 'claims_lapsed' : 'attempts_failed']
  return []
}
