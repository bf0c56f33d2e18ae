import { type Event, eventCodecs, isExpiryError, type Kind, type Lane, type State, type Time } from '@claimlog/domain'
import type { MetricFamily } from '@claimlog/wire'
import { counter, gauge } from './metric-family.ts'
import { standingMetrics } from './standing-metrics.ts'
import { tally } from './tally.ts'
import { timesByKind } from './times.ts'
import { type Life, walk, type WalkedEvent } from './walk.ts'

/** Computes metrics from a history, event by event, from the first event of the log. */
export type Metrics = {
  readonly take: (event: Event) => void
  /** The metrics of the events so far. `now` is for those that depend on a clock; `bytes` is the size of the log. */
  readonly families: (now: Time, bytes: number) => ReadonlyArray<MetricFamily>
  readonly state: () => State
}

/** The counters per kind, named as in the metrics. */
type Counted = 'tasks_added' | 'claims' | 'claims_lapsed' | 'attempts_failed'

const finishedAs = ['done', 'failed', 'cancelled'] as const

/**
 * Starts to count. Every counter is a fold of the log, so a restart does not reset it. No label has more values than
 * there are kinds: tasks and workers are not labels.
 */
export const metrics = (): Metrics => {
  const history = walk()
  const events = tally()
  const counted = tally()
  const finished = tally()
  const kinds = new Set<Kind>()
  const waiting = timesByKind(
    'claimlog_task_waiting_seconds',
    'Time that finished tasks spent waiting for dependencies or a worker.',
  )
  const running = timesByKind(
    'claimlog_task_running_seconds',
    'Time that finished tasks spent running, over all attempts.',
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
      const perKind = (what: Counted, help: string): MetricFamily =>
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
        perKind('tasks_added', 'Tasks added.'),
        counter(
          'claimlog_tasks_finished',
          'Tasks finished, by status.',
          perEnd.map(labels => [labels, finished.of(labels.kind, labels.status)]),
        ),
        perKind('claims', 'Claims granted; each is an attempt.'),
        perKind('claims_lapsed', 'Claims that expired and were replaced by another claim or ended by claimlog.'),
        perKind('attempts_failed', 'Attempts reported as failed by their workers.'),
        waiting.family(all),
        running.family(all),
        ...standingMetrics(history.state(), all, now),
        gauge('claimlog_log_seq', 'Number of the last event.', [[{}, history.state().seq]]),
        gauge('claimlog_log_bytes', 'Size of the log.', [[{}, bytes]], 'bytes'),
      ]
    },
  }
}

const countedIn = ({ event, before }: WalkedEvent): ReadonlyArray<Counted> => {
  if (event.event === 'added') return ['tasks_added']
  // The new claim replaces one whose lease has expired.
  if (event.event === 'claimed') return before?.claim === undefined ? ['claims'] : ['claims', 'claims_lapsed']
  if (event.event === 'failed') return [isExpiryError(event.error) ? 'claims_lapsed' : 'attempts_failed']
  return []
}
