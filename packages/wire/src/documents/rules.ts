import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { Count, Kind, Label, Seq, Time } from '@claimlog/domain'
import { object, optional } from './object.ts'

const PauseView = object('pause', 'no task of the kind is handed out', {
  since: Time,
  seq: Seq,
  reason: optional(Text),
  by: optional(Label),
})

/** The fields of a kind's rules, for whatever shows them with more beside them. */
export const rulesFields = { kind: Kind, paused: optional(PauseView), limit: optional(Count) }

export const RulesView = object(
  'rules',
  'the routing rules of a kind; limit is how many of its tasks may be claimed at once',
  rulesFields,
)
/**
 * The routing rules of a kind, a field only where there is one; a pause with the event that set it.
 *
 * @interface
 */
export type RulesView = t.TypeOf<typeof RulesView>
