import * as t from 'io-ts'
import { Json, listOf } from '@claimlog/codecs'
import { Kind, Seq, TaskId, Time } from '@claimlog/domain'
import { object, optional } from './object.ts'

const Moment = object('moment', 'after the event of that seq', { seq: Seq, time: Time })

export const FieldChange = object(
  'change',
  'one field that is not what it was; from or to is absent where it has none',
  { field: t.string, from: optional(Json), to: optional(Json) },
)
/**
 * One field that is not what it was; `from` or `to` is left out where there was or is no value.
 *
 * @interface
 */
export type FieldChange = t.TypeOf<typeof FieldChange>

const changes = { kind: Kind, changes: listOf(FieldChange, 'changes') }

const ChangedTask = object('changed task', 'what became of a task; added: it was not there', {
  id: TaskId,
  added: t.boolean,
  ...changes,
})

const ChangedKind = object('changed kind', "what became of a kind's rules", changes)

export const DiffView = object('diff', 'what changed from one moment to a later one', {
  from: Moment,
  to: Moment,
  tasks: listOf(ChangedTask, 'changed tasks'),
  kinds: listOf(ChangedKind, 'changed kinds'),
})
/**
 * What became of a task or of a kind's rules between two moments.
 *
 * @interface
 */
export type DiffView = t.TypeOf<typeof DiffView>
