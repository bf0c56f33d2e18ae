import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { closedRecord } from '@claimlog/codecs'
import { type LocalQueue, TaskId } from '@claimlog/client/unstable-internals'
import type { AgentTrace, FurtherText, ShowView, TaskView, TraceStepView, TraceView, WhyView } from '@claimlog/wire'
import {
  type Answer,
  type Item,
  longFields,
  type OwnFields,
  shortText,
  textOf,
  usualBytes,
  withinBytes,
} from '../answer.ts'
import { jsonBytes, startOf } from '../json-size.ts'
import type { Problem } from '../mcp-options.ts'
import { Cursor, MaxBytes } from '../paging.ts'
import { type Called, tool } from '../tool.ts'

/** Shows a task: its fields, why it cannot be claimed, and its history. */
export const traceTask = tool({
  name: 'trace_task',
  description: 'One task: its fields, why it cannot be claimed, its history (newest first).',
  readOnly: true,
  idempotent: true,
  input: closedRecord('arguments', { task_id: TaskId }, { cursor: Cursor, max_bytes: MaxBytes }),
  fields: { cursor: 'Continues a truncated answer' },
  run: ({ taskId, cursor, maxBytes = usualBytes }, { queue }) =>
    pipe(
      queue.show(taskId),
      TE.chainEitherKW(shown => lookAt(shown, cursor)),
      TE.chainW(look => ('field' in look ? TE.right(fieldFrom(look, maxBytes)) : readHistory(queue, look, maxBytes))),
    ),
})

const readHistory = (queue: LocalQueue, { shown, before }: HistoryLook, maxBytes: number): Called =>
  pipe(
    queue.why(shown.task.id),
    TE.bindTo('why'),
    TE.bind('trace', () => queue.trace(shown.task.id)),
    TE.map(({ why, trace }) => story(shown, why, trace, before, maxBytes)),
  )

/** The requested part: the history before a step, or a field from an offset. */
type HistoryLook = { readonly shown: ShowView; readonly before: number | undefined }
type FieldLook = { readonly shown: ShowView; readonly field: Readable; readonly from: number }

/** The fields that can be continued, and the reason of a hold or a cancellation. */
const readable = [...longFields, 'reason'] as const
type Readable = (typeof readable)[number]

const lookAt = (shown: ShowView, cursor: string | undefined): E.Either<Problem, HistoryLook | FieldLook> => {
  if (cursor === undefined) return E.right<Problem, HistoryLook>({ shown, before: undefined })
  const [name, number] = cursor.split(':')
  const at = Number(number)
  const field = readable.find(each => each === name)
  if (!/^\d{1,15}$/.test(number ?? '') || (name !== 'step' && field === undefined)) return E.left(notACursor)
  return E.right<Problem, HistoryLook | FieldLook>(
    field === undefined ? { shown, before: at } : { shown, field, from: at },
  )
}

const notACursor = {
  error: 'bad_input',
  message: 'there is no such cursor',
  hint: 'pass the cursor of an answer about this task unchanged, or omit it to start at the beginning',
}

/** Reserved for the other fields of the answer. */
const bytesAround = 700

const fieldFrom = ({ shown: { task, cancel_reason, seq }, field, from }: FieldLook, maxBytes: number): Answer => {
  const value = field === 'reason' ? (task.hold?.reason ?? cancel_reason) : task[field]
  const text = textOf(value ?? '').slice(from)
  const piece = startOf(text, maxBytes - bytesAround)
  const rest = piece.length < text.length ? { cursor: `${field}:${from + piece.length}` } : {}
  const head: OwnFields<FurtherText> = { task_id: task.id, field, text: piece }
  return { head, ...rest, seq, maxBytes }
}

/** More guards add no information: a task with a thousand dependencies is blocked by each of them. */
const bytesOfGuards = 1500

const story = (
  { task, claim, ...known }: ShowView,
  { claimable, ahead, guards }: WhyView,
  { steps, ...trace }: TraceView,
  before: number | undefined,
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
  const isFirstPage = before === undefined || before === steps.length
  const { waited_ms, ran_ms, retrying_ms, held_ms, seq } = trace
  const first: OwnFields<AgentTrace, 'task' | 'claim' | 'steps'> = {
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
    ...(isFirstPage
      ? { taskAndClaim: { task: withHold(task, reason), ...(claim === undefined ? {} : { claim }) } }
      : {}),
    list: { name: 'steps', items },
    ...(isFirstPage && isCut ? { cursor: 'reason:0' } : {}),
    maxBytes,
    seq,
  }
}

const withHold = (task: TaskView, reason: (text: string) => string): TaskView =>
  task.hold?.reason === undefined ? task : { ...task, hold: { ...task.hold, reason: reason(task.hold.reason) } }

/** Truncates the long values of a step. */
const shortStep = (step: TraceStepView, longest: number): object => {
  if (jsonBytes(step) <= longest) return step
  const short = Object.entries(step).map(([name, value]) =>
    jsonBytes(value) <= longest / 4
      ? [name, value]
      : [`${name}_start`, startOf(textOf(value), Math.floor(longest / 4))],
  )
  return Object.fromEntries(short) as object
}
