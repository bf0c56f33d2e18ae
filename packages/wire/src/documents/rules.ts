import { Text } from '@claimlog/codecs'
import { Count, Kind, Label, Seq, Time } from '@claimlog/domain'
import { object, optional } from './object.ts'
import type { View } from './view.ts'

const PauseView = object('pause', 'tasks of the kind cannot be claimed', {
  since: Time,
  seq: Seq,
  reason: optional(Text),
  by: optional(Label),
})

/** The fields of a kind's rules, for documents that add more fields. */
export const rulesFields = { kind: Kind, paused: optional(PauseView), limit: optional(Count) }

export const RulesView = object(
  'rules',
  'the rules of a kind; limit is the maximum number of its tasks that are claimed at once',
  rulesFields,
)
/**
 * The rules of a kind; a field is absent if the rule is not set. A pause has the seq of its event.
 *
 * @interface
 */
export type RulesView = View<typeof RulesView>
