import * as t from 'io-ts'
import { Json, listCodec } from '@claimlog/codecs'
import { Kind, Seq, TaskId, Time } from '@claimlog/domain'
import { object, optional } from './object.ts'
import type { View } from './view.ts'

const EventTime = object('moment', 'the time just after the event with that seq', { seq: Seq, time: Time })

export const FieldChange = object('change', 'one field that changed; from or to is absent if it had or has no value', {
  field: t.string,
  from: optional(Json),
  to: optional(Json),
})
/**
 * One field that changed; `from` or `to` is absent if the field had or has no value.
 *
 * @interface
 */
export type FieldChange = View<typeof FieldChange>

const changes = { kind: Kind, changes: listCodec(FieldChange, 'changes') }

const TaskChange = object('changed task', 'the changes of a task; added: true if it is new', {
  id: TaskId,
  added: t.boolean,
  ...changes,
})

const KindChange = object('changed kind', 'the changes of the rules of a kind', changes)

export const DiffView = object('diff', 'the changes from one point in time to a later one', {
  from: EventTime,
  to: EventTime,
  tasks: listCodec(TaskChange, 'changed tasks'),
  kinds: listCodec(KindChange, 'changed kinds'),
})
/**
 * The changes of tasks and of the rules of kinds between two points in time.
 *
 * @interface
 */
export type DiffView = View<typeof DiffView>
