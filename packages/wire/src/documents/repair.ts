import * as t from 'io-ts'
import { listCodec, Text } from '@claimlog/codecs'
import { Seq } from '@claimlog/domain'
import { object, enumCodec, optional } from './object.ts'
import { Amount } from './task.ts'
import type { View } from './view.ts'

/** The cause of damage to a log, if it is known. */
export const DamageCauseWord = enumCodec(['conflict_markers', 'merged_histories', 'pointer', 'line_endings', 'emptied'])

const DamageView = object('damage', 'the first damaged line, and the byte at which it starts', {
  line: Seq,
  offset: Amount,
  detail: Text,
  cause: optional(DamageCauseWord),
})

export const SideView = object(
  'side',
  'one of the copies that were merged into a log: its label in git, the file for it, its last seq, and the number of events after the common ones',
  { side: Seq, label: optional(t.string), path: t.string, seq: Seq, events: Amount },
)
/** One of the copies that were merged into a log. */
export type SideView = View<typeof SideView>

const Quarantine = object(
  'quarantine',
  'the file for the part that is cut off: the number of bytes, and the offset in the log at which they start',
  { path: t.string, from: Amount, bytes: Amount, lines: Amount },
)

const KeptPart = object('kept', 'what is kept: the number of events from seq 1, and the number of tasks', {
  events: Amount,
  tasks: Amount,
})

const SpentSeqs = object('spent', 'the seqs that repaired events use up, so that no token is granted twice', {
  first: Seq,
  last: Seq,
})

export const RepairView = object(
  'repair',
  'the damage to events.jsonl, and what a repair would do or, if repaired, did; seq: the last event of the log',
  {
    ok: t.literal(true),
    damaged: t.boolean,
    repaired: t.boolean,
    damage: optional(DamageView),
    quarantine: optional(Quarantine),
    kept: optional(KeptPart),
    spent: optional(SpentSeqs),
    seq: optional(Seq),
    /** The last event that all sides have, if copies were merged into the log. */
    common_seq: optional(Amount),
    /** Lines that belong to no side. */
    stray_lines: optional(Amount),
    sides: optional(listCodec(SideView, 'sides')),
    /** The side that the log continues with. */
    kept_side: optional(Seq),
  },
)
/** The output of `repair`. */
export type RepairView = View<typeof RepairView>
