import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import { Seq, Time } from '@claimlog/domain'
import type { Family } from '@claimlog/exporters'
import type { Counted } from '../commands/export/count-history.ts'
import { optional, view } from './view-codec.ts'

const Measured = Object.assign(
  new t.Type<number>(
    'measured',
    (u): u is number => typeof u === 'number' && u >= 0,
    (u, context) => (typeof u === 'number' && u >= 0 ? t.success(u) : t.failure(u, context)),
    t.identity,
  ),
  { jsonSchema: { description: 'a count, or seconds with their fractions', type: 'number', minimum: 0 } },
)

const SampleCodec = view<Family['samples'][number]>('sample', 'one number, and what of', {
  name: t.string,
  labels: t.record(t.string, t.string),
  value: Measured,
})

const FamilyCodec = view<Family>('family', 'numbers that mean the same of different things, as OpenMetrics has them', {
  name: t.string,
  type: t.keyof({ counter: null, gauge: null, histogram: null }, 'type'),
  unit: optional(t.keyof({ seconds: null, bytes: null }, 'unit')),
  help: t.string,
  samples: listOf(SampleCodec, 'samples'),
})

export const MetricsCodec = view<Counted>('metrics', 'what was counted up to the event of that seq, at that time', {
  seq: Seq,
  time: Time,
  families: listOf(FamilyCodec, 'families'),
})
