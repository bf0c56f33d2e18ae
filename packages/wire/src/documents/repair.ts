import * as t from 'io-ts'
import { listOf, Text } from '@claimlog/codecs'
import { Seq } from '@claimlog/domain'
import { object, oneOf, optional } from './object.ts'
import { Amount } from './task.ts'

/** How a log came to be damaged, as far as that is known. */
export const DamageCauseWord = oneOf(['conflict_markers', 'merged_histories', 'pointer', 'line_endings', 'emptied'])

const Damage = object('damage', 'the first line that is wrong, and the byte it starts at', {
  line: Seq,
  offset: Amount,
  detail: Text,
  cause: optional(DamageCauseWord),
})

export const SideView = object(
  'side',
  'one of the copies that were merged into a log: what git calls it, the file for it, the seq where it ends, and how many events it has after the common ones',
  { side: Seq, label: optional(t.string), path: t.string, seq: Seq, events: Amount },
)
/** One of the copies that were merged into a log. */
export type SideView = t.TypeOf<typeof SideView>

const Quarantine = object(
  'quarantine',
  'the file for the part that is cut off: so many bytes of the log, from a byte on',
  { path: t.string, from: Amount, bytes: Amount, lines: Amount },
)

const Kept = object('kept', 'what stays: the events 1 to so many, and the tasks they lead to', {
  events: Amount,
  tasks: Amount,
})

const Spent = object('spent', 'the seqs that events "repaired" take, so that no token is handed out twice', {
  first: Seq,
  last: Seq,
})

export const RepairView = object(
  'repair',
  'what is wrong with events.jsonl and what a repair would do about it or, where repaired, did; seq: where the log ends',
  {
    ok: t.literal(true),
    damaged: t.boolean,
    repaired: t.boolean,
    damage: optional(Damage),
    quarantine: optional(Quarantine),
    kept: optional(Kept),
    spent: optional(Spent),
    seq: optional(Seq),
    /** The last event that all sides have, where two copies were merged into the log. */
    common_seq: optional(Amount),
    /** Lines that belong to no side. */
    stray_lines: optional(Amount),
    sides: optional(listOf(SideView, 'sides')),
    /** The side that the log goes on with. */
    kept_side: optional(Seq),
  },
)
/** What `repair` prints. */
export type RepairView = t.TypeOf<typeof RepairView>
