import * as E from 'fp-ts/lib/Either.js'
import { closedRecord } from '@claimlog/codecs'
import { type ShowView, TaskId, type TaskView, type TraceStep, type TraceView, type WhyView } from '@claimlog/domain'
import { type Answer, type Item, longFields, shortText, textOf, usualBytes, withinBytes } from '../answer.ts'
import { bytesOf, startOf } from '../json-size.ts'
import type { Problem } from '../mcp-options.ts'
import { Cursor, MaxBytes } from '../paging.ts'
import { type Called, tool } from '../tool.ts'

/** Shows one task: all that is said of it, what stands in the way of claiming it, and its history. */
export const traceTask = tool({
  name: 'trace_task',
  description: 'One task: its fields, what keeps it from being claimed, its history (newest first).',
  readOnly: true,
  idempotent: true,
  input: closedRecord('arguments', { task_id: TaskId }, { cursor: Cursor, max_bytes: MaxBytes }),
  fields: { cursor: 'Reads on where an answer was truncated' },
  run: async ({ taskId, cursor, maxBytes = usualBytes }, { workspace }) => {
    const shown = await workspace.show(taskId)()
    if (E.isLeft(shown)) return shown
    const place = placeOf(cursor)
    if (E.isLeft(place)) return place
    if ('field' in place.right) return fieldFrom(shown.right, place.right, maxBytes)
    const why = await workspace.why(taskId)()
    if (E.isLeft(why)) return why
    const trace = await workspace.trace(taskId)()
    return E.isLeft(trace) ? trace : E.right(story(shown.right, why.right, trace.right, place.right, maxBytes))
  },
})

/** Where a cursor points: before a step of the history, or into a field. */
type Place = { readonly before: number | undefined } | { readonly field: Readable; readonly from: number }

/** What can be read on: a field of the task, or why it was put aside or cancelled. */
const readable = [...longFields, 'reason'] as const
type Readable = (typeof readable)[number]

const placeOf = (cursor: string | undefined): E.Either<Problem, Place> => {
  if (cursor === undefined) return E.right({ before: undefined })
  const [name, number] = cursor.split(':')
  const at = Number(number)
  const field = readable.find(each => each === name)
  if (!/^\d{1,15}$/.test(number ?? '') || (name !== 'step' && field === undefined))
    return E.left({
      error: 'bad_input',
      message: 'there is no such cursor',
      hint: 'give the cursor of an answer about this task as it is, or none to begin at the start',
    })
  return E.right(field === undefined ? { before: at } : { field, from: at })
}

/** Left free for what stands around a piece of a field. */
const bytesAround = 700

const fieldFrom = (
  { task, cancel_reason, seq }: ShowView,
  { field, from }: Extract<Place, { field: unknown }>,
  maxBytes: number,
): Called => {
  const value = field === 'reason' ? (task.hold?.reason ?? cancel_reason) : task[field]
  const text = textOf(value ?? '').slice(from)
  const piece = startOf(text, maxBytes - bytesAround)
  const rest = piece.length < text.length ? { cursor: `${field}:${from + piece.length}` } : {}
  return E.right({ head: { task_id: task.id, field, text: piece }, ...rest, seq, maxBytes })
}

/** Further guards tell nothing new: a task with a thousand needs waits for the first as for the last. */
const bytesOfGuards = 1500

const story = (
  { task, claim, ...known }: ShowView,
  { claimable, ahead, guards }: WhyView,
  { steps, ...trace }: TraceView,
  { before = steps.length }: { readonly before: number | undefined },
  maxBytes: number,
): Answer => {
  const { added_at, attempts, max_attempts, cancel_reason, finished_at, finished_by } = known
  const longest = Math.max(bytesAround, maxBytes / 8)
  const items = steps
    .map((step, i): Item => ({ shown: shortStep(step, longest), cursor: `step:${i}` }))
    .slice(0, before)
    .reverse()
  const reason = (text: string): string => shortText(text, longest / 2)
  const told = withinBytes(
    guards.map(guard => (guard.reason === undefined ? guard : { ...guard, reason: reason(guard.reason) })),
    bytesOfGuards,
  )
  const whyNot = task.hold?.reason ?? cancel_reason ?? ''
  const isCut = reason(whyNot) !== whyNot || told.some(({ reason: said }, i) => said !== guards[i]?.reason)
  const isFirstPage = before === steps.length
  const { waited_ms, ran_ms, retrying_ms, held_ms, seq } = trace
  const first = {
    claimable,
    ...(ahead === undefined ? {} : { ahead }),
    guards: told,
    ...(guards.length > told.length ? { more_guards: guards.length - told.length } : {}),
    ...{ added_at, attempts, max_attempts, finished_at, finished_by },
    ...(cancel_reason === undefined ? {} : { cancel_reason: reason(cancel_reason) }),
    ...{ waited_ms, ran_ms, retrying_ms, held_ms },
  }
  return {
    head: isFirstPage ? first : { task_id: task.id },
    ...(isFirstPage ? { handed: { task: withHold(task, reason), ...(claim === undefined ? {} : { claim }) } } : {}),
    list: { name: 'steps', items },
    ...(isFirstPage && isCut ? { cursor: 'reason:0' } : {}),
    maxBytes,
    seq,
  }
}

const withHold = (task: TaskView, reason: (text: string) => string): TaskView =>
  task.hold?.reason === undefined ? task : { ...task, hold: { ...task.hold, reason: reason(task.hold.reason) } }

/** A step whose long values are begun only. */
const shortStep = (step: TraceStep, longest: number): object => {
  if (bytesOf(step) <= longest) return step
  const short = Object.entries(step).map(([name, value]) =>
    bytesOf(value) <= longest / 4 ? [name, value] : [`${name}_start`, startOf(textOf(value), Math.floor(longest / 4))],
  )
  return Object.fromEntries(short) as object
}
