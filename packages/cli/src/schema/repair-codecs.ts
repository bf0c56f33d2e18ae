import * as t from 'io-ts'
import { listOf, Text } from '@claimlog/codecs'
import { Seq } from '@claimlog/domain'
import type { DamageCause } from '@claimlog/event-log'
import { Amount } from '@claimlog/wire/documents'
import type { RepairView, SideView } from '../render/repair.ts'
import { optional, view } from './view-codec.ts'

type Part<K extends keyof RepairView> = Exclude<RepairView[K], undefined> & object

export const causes: Readonly<Record<DamageCause, null>> = {
  conflict_markers: null,
  merged_histories: null,
  pointer: null,
  line_endings: null,
  emptied: null,
}

const DamageCodec = view<Part<'damage'>>('damage', 'the first line that is wrong, and the byte it starts at', {
  line: Seq,
  offset: Amount,
  detail: Text,
  cause: optional(t.keyof(causes)),
})

const SideCodec = view<SideView>(
  'side',
  'one of the copies that were merged into a log: what git calls it, the file for it, the seq where it ends, and how many events it has after the common ones',
  { side: Seq, label: optional(t.string), path: t.string, seq: Seq, events: Amount },
)

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
    common_seq: optional(Amount),
    stray_lines: optional(Amount),
    sides: optional(listOf(SideCodec, 'sides')),
    kept_side: optional(Seq),
  },
)
