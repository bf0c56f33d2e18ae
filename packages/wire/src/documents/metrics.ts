import * as t from 'io-ts'
import { listCodec, refinedCodec } from '@claimlog/codecs'
import { Seq, Time } from '@claimlog/domain'
import { object, enumCodec, optional } from './object.ts'
import type { View } from './view.ts'

const MetricValue = refinedCodec(
  'measured',
  'a count, or seconds with a fraction',
  { description: 'a count, or seconds with a fraction', type: 'number', minimum: 0 },
  (u): u is number => typeof u === 'number' && u >= 0,
)

export const MetricSample = object('sample', 'one number with its labels', {
  /** The name of the family with a suffix: `_total`, `_bucket`. */
  name: t.string,
  labels: t.record(t.string, t.string),
  value: MetricValue,
})
/** One number of a family. */
export type MetricSample = View<typeof MetricSample>

export const MetricFamily = object('family', 'a metric family, as OpenMetrics defines it', {
  name: t.string,
  type: enumCodec(['counter', 'gauge', 'histogram'], 'type'),
  unit: optional(enumCodec(['seconds', 'bytes'], 'unit')),
  help: t.string,
  samples: listCodec(MetricSample, 'samples'),
})
/** A metric family, as OpenMetrics defines it. */
export type MetricFamily = View<typeof MetricFamily>

export const MetricsView = object('metrics', 'the metrics after the event with that seq, at that time', {
  seq: Seq,
  time: Time,
  families: listCodec(MetricFamily, 'families'),
})
/** The output of `metrics`. */
export type MetricsView = View<typeof MetricsView>
