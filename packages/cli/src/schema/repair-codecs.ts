import * as t from 'io-ts'
import { Seq, Text } from '@claimlog/domain'
import type { RepairView } from '../render/repair.ts'
import { Amount } from './task-codecs.ts'
import { optional, view } from './view-codec.ts'

type Part<K extends keyof RepairView> = Exclude<RepairView[K], undefined> & object

const DamageCodec = view<Part<'damage'>>('damage', 'the first line that is wrong, and the byte it starts at', {
  line: Seq,
  offset: Amount,
  detail: Text,
})

const QuarantineCodec = view<Part<'quarantine'>>(
  'quarantine',
  'the file for the part that is cut off: so many bytes of the log, from a byte on',
  { path: t.string, from: Amount, bytes: Amount, lines: Amount },
)

const KeptCodec = view<Part<'kept'>>('kept', 'what stays: the events 1 to so many, and the tasks they lead to', {
  events: Amount,
  tasks: Amount,
})

const SpentCodec = view<Part<'spent'>>(
  'spent',
  'the seqs that events "repaired" take, so that no token is handed out twice',
  { first: Seq, last: Seq },
)

export const RepairCodec = view<RepairView>(
  'repair',
  'what is wrong with events.jsonl and what a repair would do about it or, where repaired, did; seq: where the log ends',
  {
    ok: t.literal(true),
    damaged: t.boolean,
    repaired: t.boolean,
    damage: optional(DamageCodec),
    quarantine: optional(QuarantineCodec),
    kept: optional(KeptCodec),
    spent: optional(SpentCodec),
    seq: optional(Seq),
  },
)
