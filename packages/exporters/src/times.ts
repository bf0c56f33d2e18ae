import type { Kind } from '@claimlog/domain'
import type { MetricFamily, MetricSample } from '@claimlog/wire'

/** The upper bounds of the histogram buckets, in seconds: 0.1 s to a week. */
const bounds = [0.1, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400, 604_800]

/** A histogram: the number of durations up to each bound, their total number, and their sum. */
type Times = { readonly atMost: Array<number>; count: number; sumMs: number }

/** A histogram of durations per kind. */
export type TimesByKind = {
  readonly add: (kind: Kind, ms: number) => void
  /** The metric family with the histogram of each of `kinds`. */
  readonly family: (kinds: ReadonlyArray<Kind>) => MetricFamily
}

/** Creates an empty histogram metric in seconds. */
export const timesByKind = (name: string, help: string): TimesByKind => {
  const counted = new Map<Kind, Times>()
  const none = (): Times => ({ atMost: bounds.map(() => 0), count: 0, sumMs: 0 })
  return {
    add: (kind, ms) => {
      const times = counted.get(kind) ?? none()
      counted.set(kind, times)
      bounds.forEach((bound, i) => {
        if (ms <= bound * 1000) times.atMost[i] = (times.atMost[i] ?? 0) + 1
      })
      times.count += 1
      times.sumMs += ms
    },
    family: kinds => ({
      name,
      type: 'histogram',
      unit: 'seconds',
      help,
      samples: kinds.flatMap(kind => samplesOf(name, kind, counted.get(kind) ?? none())),
    }),
  }
}

const samplesOf = (name: string, kind: Kind, { atMost, count, sumMs }: Times): ReadonlyArray<MetricSample> => [
  ...bounds.map((bound, i) => ({
    name: `${name}_bucket`,
    labels: { kind, le: boundText(bound) },
    value: atMost[i] ?? 0,
  })),
  { name: `${name}_bucket`, labels: { kind, le: '+Inf' }, value: count },
  { name: `${name}_count`, labels: { kind }, value: count },
  { name: `${name}_sum`, labels: { kind }, value: sumMs / 1000 },
]

/** Formats a bound in the canonical form of OpenMetrics: `1.0`. */
const boundText = (seconds: number): string => (Number.isInteger(seconds) ? `${seconds}.0` : String(seconds))
