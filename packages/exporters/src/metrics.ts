import { type Event, eventCodecs, isExpiryError, type Kind, type Lane, type State, type Time } from '@claimlog/domain'
import type { MetricFamily } from '@claimlog/wire'
import { counter, gauge } from './metric-family.ts'
import { stateMetrics } from './state-metrics.ts'
import { labelCounters } from './label-counters.ts'
import { histogramByKind } from './histogram.ts'
import { type TaskRun, historyReader, type AppliedEvent } from './history-reader.ts'

/** Computes metrics from a history, event by event, from the first event of the log. */
export type MetricsCollector = {
  readonly apply: (event: Event) => void
  /** The metrics of the events so far. `now` is for those that depend on a clock; `bytes` is the size of the log, if it is in a file. */
  readonly families: (now: Time, bytes: number | undefined) => ReadonlyArray<MetricFamily>
  readonly state: () => State
}

/** The counters per kind, named as in the metrics. */
type CounterName = 'tasks_added' | 'claims' | 'claims_lapsed' | 'attempts_failed'

const finalStatuses = ['done', 'failed', 'cancelled'] as const

/**
 * Creates a collector. Every counter is a fold of the log, so a restart does not reset it. No label has more values than
 * there are kinds: tasks and workers are not labels.
 */
export const metricsCollector = (): MetricsCollector => {
  const history = historyReader()
  const eventCounters = labelCounters()
  const taskCounters = labelCounters()
  const finishedCounters = labelCounters()
  const kinds = new Set<Kind>()
  const waiting = histogramByKind(
    'claimlog_task_waiting_seconds',
    'Time that finished tasks spent waiting for dependencies or a worker.',
  )
  const running = histogramByKind(
    'claimlog_task_running_seconds',
    'Time that finished tasks spent running, over all attempts.',
  )

  const countRun = ({ task: { kind, status }, lanes }: TaskRun): void => {
    const totalMs = (...names: ReadonlyArray<Lane['lane']>): number =>
      lanes.reduce((sum, { lane }) => (names.includes(lane.lane) ? sum + lane.ms : sum), 0)
    finishedCounters.add(kind, status)
    waiting.add(kind, totalMs('waiting', 'retrying'))
    running.add(kind, totalMs('running'))
  }

  return {
    apply: event => {
      eventCounters.add(event.event)
      const applied = history.apply(event)
      const { after, run } = applied
      if (after !== undefined) {
        kinds.add(after.kind)
        for (const counterName of incrementedCounters(applied)) taskCounters.add(counterName, after.kind)
      }
      if (run !== undefined) countRun(run)
    },
    state: history.state,
    families: (now, bytes) => {
      const sortedKinds = [...kinds].sort()
      const counterByKind = (counterName: CounterName, help: string): MetricFamily =>
        counter(
          `claimlog_${counterName}`,
          help,
          sortedKinds.map(kind => [{ kind }, taskCounters.get(counterName, kind)]),
        )
      const finishLabels = sortedKinds.flatMap(kind => finalStatuses.map(status => ({ kind, status })))
      return [
        counter(
          'claimlog_events',
          'Events in the log.',
          Object.keys(eventCodecs).map(event => [{ event }, eventCounters.get(event)]),
        ),
        counterByKind('tasks_added', 'Tasks added.'),
        counter(
          'claimlog_tasks_finished',
          'Tasks finished, by status.',
          finishLabels.map(labels => [labels, finishedCounters.get(labels.kind, labels.status)]),
        ),
        counterByKind('claims', 'Claims granted; each is an attempt.'),
        counterByKind('claims_lapsed', 'Claims that expired and were replaced by another claim or ended by claimlog.'),
        counterByKind('attempts_failed', 'Attempts reported as failed by their workers.'),
        waiting.family(sortedKinds),
        running.family(sortedKinds),
        ...stateMetrics(history.state(), sortedKinds, now),
        gauge('claimlog_log_seq', 'Number of the last event.', [[{}, history.state().seq]]),
        ...(bytes === undefined ? [] : [gauge('claimlog_log_bytes', 'Size of the log.', [[{}, bytes]], 'bytes')]),
      ]
    },
  }
}

const incrementedCounters = ({ event, before }: AppliedEvent): ReadonlyArray<CounterName> => {
  if (event.event === 'added') return ['tasks_added']
  // The new claim replaces one whose lease has expired.
  if (event.event === 'claimed') return before?.claim === undefined ? ['claims'] : ['claims', 'claims_lapsed']
  if (event.event === 'failed') return [isExpiryError(event.error) ? 'claims_lapsed' : 'attempts_failed']
  return []
}
