import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import type { State } from '../state/state.ts'
import { commandCodec, decisionTime, eventMetadata } from './command.ts'
import { type DecisionResult, taskDecision } from './decision.ts'
import { TaskId } from '../values/scalars.ts'

/** Adds a note to a task. */
export const NoteTask = commandCodec('note', { task_id: TaskId, text: Text }, {})
export type NoteTask = t.TypeOf<typeof NoteTask>

/** Records the note; the state does not change. The same text again is another note. */
export const noteTask = (command: NoteTask, state: State): DecisionResult => {
  const { taskId, text } = command
  if (state.table.get(taskId) === undefined) return E.left({ error: 'unknown_task', taskId })
  if (text.trim() === '') return E.left({ error: 'bad_input', detail: 'text must not be empty' })
  const metadata = eventMetadata(command, decisionTime(state, command))
  return E.right(taskDecision(taskId, { seq: state.seq + 1, event: 'noted', taskId, text, ...metadata }))
}
