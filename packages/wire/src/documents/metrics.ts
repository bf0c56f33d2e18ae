import * as t from 'io-ts'
import { listOf, refined } from '@claimlog/codecs'
import { Seq, Time } from '@claimlog/domain'
import { object, oneOf, optional } from './object.ts'

const Measured = refined(
  'measured',
  'a count, or seconds with their fractions',
  { description: 'a count, or seconds with their fractions', type: 'number', minimum: 0 },
  (u): u is number => typeof u === 'number' && u >= 0,
)

export const Sample = object('sample', 'one number, and what of', {
  /** The family's, with what the number is of it: `_total`, `_bucket`. */
  name: t.string,
  labels: t.record(t.string, t.string),
  value: Measured,
})
/** One number of a family. */
export type Sample = t.TypeOf<typeof Sample>

export const Family = object('family', 'numbers that mean the same of different things, as OpenMetrics has them', {
  name: t.string,
  type: oneOf(['counter', 'gauge', 'histogram'], 'type'),
  unit: optional(oneOf(['seconds', 'bytes'], 'unit')),
  help: t.string,
  samples: listOf(Sample, 'samples'),
})
/** Numbers that mean the same of different things, as OpenMetrics has them. */
export type Family = t.TypeOf<typeof Family>

export const MetricsView = object('metrics', 'what was counted up to the event of that seq, at that time', {
  seq: Seq,
  time: Time,
  families: listOf(Family, 'families'),
})
/** What `metrics` prints. */
export type MetricsView = t.TypeOf<typeof MetricsView>
