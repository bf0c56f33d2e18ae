import type { Kind } from '@claimlog/domain'
import type { MetricFamily, MetricSample } from '@claimlog/wire'

/** The upper bounds of the histogram buckets, in seconds: 0.1 s to a week. */
const bounds = [0.1, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400, 604_800]

/** A histogram: the number of durations up to each bound, their total number, and their sum. */
type Histogram = { readonly bucketCounts: Array<number>; count: number; sumMs: number }

/** A histogram of durations per kind. */
export type HistogramByKind = {
  readonly add: (kind: Kind, ms: number) => void
  /** The metric family with the histogram of each of `kinds`. */
  readonly family: (kinds: ReadonlyArray<Kind>) => MetricFamily
}

/** Creates an empty histogram metric in seconds. */
export const histogramByKind = (name: string, help: string): HistogramByKind => {
  const histograms = new Map<Kind, Histogram>()
  const emptyHistogram = (): Histogram => ({ bucketCounts: bounds.map(() => 0), count: 0, sumMs: 0 })
  return {
    add: (kind, ms) => {
      const histogram = histograms.get(kind) ?? emptyHistogram()
      histograms.set(kind, histogram)
      bounds.forEach((bound, i) => {
        if (ms <= bound * 1000) histogram.bucketCounts[i] = (histogram.bucketCounts[i] ?? 0) + 1
      })
      histogram.count += 1
      histogram.sumMs += ms
    },
    family: kinds => ({
      name,
      type: 'histogram',
      unit: 'seconds',
      help,
      samples: kinds.flatMap(kind => histogramSamples(name, kind, histograms.get(kind) ?? emptyHistogram())),
    }),
  }
}

const histogramSamples = (
  name: string,
  kind: Kind,
  { bucketCounts, count, sumMs }: Histogram,
): ReadonlyArray<MetricSample> => [
  ...bounds.map((bound, i) => ({
    name: `${name}_bucket`,
    labels: { kind, le: formatBound(bound) },
    value: bucketCounts[i] ?? 0,
  })),
  { name: `${name}_bucket`, labels: { kind, le: '+Inf' }, value: count },
  { name: `${name}_count`, labels: { kind }, value: count },
  { name: `${name}_sum`, labels: { kind }, value: sumMs / 1000 },
]

/** Formats a bound in the canonical form of OpenMetrics: `1.0`. */
const formatBound = (seconds: number): string => (Number.isInteger(seconds) ? `${seconds}.0` : String(seconds))
