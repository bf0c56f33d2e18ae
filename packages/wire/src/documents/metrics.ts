import * as t from 'io-ts'
import { listOf, refined } from '@claimlog/codecs'
import { Seq, Time } from '@claimlog/domain'
import { object, oneOf, optional } from './object.ts'

const Measured = refined(
  'measured',
  'a count, or seconds with a fraction',
  { description: 'a count, or seconds with a fraction', type: 'number', minimum: 0 },
  (u): u is number => typeof u === 'number' && u >= 0,
)

export const Sample = object('sample', 'one number with its labels', {
  /** The name of the family with a suffix: `_total`, `_bucket`. */
  name: t.string,
  labels: t.record(t.string, t.string),
  value: Measured,
})
/** One number of a family. */
export type Sample = t.TypeOf<typeof Sample>

export const Family = object('family', 'a metric family, as OpenMetrics defines it', {
  name: t.string,
  type: oneOf(['counter', 'gauge', 'histogram'], 'type'),
  unit: optional(oneOf(['seconds', 'bytes'], 'unit')),
  help: t.string,
  samples: listOf(Sample, 'samples'),
})
/** A metric family, as OpenMetrics defines it. */
export type Family = t.TypeOf<typeof Family>

export const MetricsView = object('metrics', 'the metrics after the event with that seq, at that time', {
  seq: Seq,
  time: Time,
  families: listOf(Family, 'families'),
})
/** The output of `metrics`. */
export type MetricsView = t.TypeOf<typeof MetricsView>
