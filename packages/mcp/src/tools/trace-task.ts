import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { closedRecord } from '@claimlog/codecs'
import { type LocalQueue, TaskId } from '@claimlog/client/unstable-internals'
import type { AgentTrace, FurtherText, ShowView, TaskView, TraceStepView, TraceView, WhyView } from '@claimlog/wire'
import {
  type ToolOutput,
  type AnswerItem,
  longFields,
  type HeadFields,
  truncateText,
  toText,
  answerBytesDefault,
  takeBytes,
} from '../answer.ts'
import { jsonBytes, truncateToBytes } from '../json-size.ts'
import type { ToolError } from '../mcp-options.ts'
import { Cursor, AnswerBytesMax } from '../page-codecs.ts'
import { type ToolResult, defineTool } from '../tool.ts'

/** Shows a task: its fields, why it cannot be claimed, and its history. */
export const traceTask = defineTool({
  name: 'trace_task',
  description: 'One task: its fields, why it cannot be claimed, its history (newest first).',
  readOnly: true,
  idempotent: true,
  input: closedRecord('arguments', { task_id: TaskId }, { cursor: Cursor, max_bytes: AnswerBytesMax }),
  fields: { cursor: 'Continues a truncated answer' },
  run: ({ taskId, cursor, maxBytes = answerBytesDefault }, { queue }) =>
    pipe(
      queue.show(taskId),
      TE.chainEitherKW(taskView => decodeCursor(taskView, cursor)),
      TE.chainW(part =>
        'field' in part ? TE.right(readFieldPart(part, maxBytes)) : readHistory(queue, part, maxBytes),
      ),
    ),
})

const readHistory = (queue: LocalQueue, { taskView, stepEnd }: HistoryPart, maxBytes: number): ToolResult =>
  pipe(
    queue.why(taskView.task.id),
    TE.bindTo('why'),
    TE.bind('trace', () => queue.trace(taskView.task.id)),
    TE.map(({ why, trace }) => traceAnswer(taskView, why, trace, stepEnd, maxBytes)),
  )

/** The requested part: the history before a step, or a field from an offset. */
type HistoryPart = { readonly taskView: ShowView; readonly stepEnd: number | undefined }
type FieldPart = { readonly taskView: ShowView; readonly field: ReadableField; readonly offset: number }

/** The fields that can be continued, and the reason of a hold or a cancellation. */
const readableFields = [...longFields, 'reason'] as const
type ReadableField = (typeof readableFields)[number]

const decodeCursor = (taskView: ShowView, cursor: string | undefined): E.Either<ToolError, HistoryPart | FieldPart> => {
  if (cursor === undefined) return E.right<ToolError, HistoryPart>({ taskView, stepEnd: undefined })
  const [name, number] = cursor.split(':')
  const position = Number(number)
  const field = readableFields.find(each => each === name)
  if (!/^\d{1,15}$/.test(number ?? '') || (name !== 'step' && field === undefined)) return E.left(invalidCursor)
  return E.right<ToolError, HistoryPart | FieldPart>(
    field === undefined ? { taskView, stepEnd: position } : { taskView, field, offset: position },
  )
}

const invalidCursor = {
  error: 'bad_input',
  message: 'there is no such cursor',
  hint: 'pass the cursor of an answer about this task unchanged, or omit it to start at the beginning',
}

/** Reserved for the other fields of the answer. */
const reservedBytes = 700

const readFieldPart = (
  { taskView: { task, cancelReason, seq }, field, offset }: FieldPart,
  maxBytes: number,
): ToolOutput => {
  const value = field === 'reason' ? (task.hold?.reason ?? cancelReason) : task[field]
  const text = toText(value ?? '').slice(offset)
  const piece = truncateToBytes(text, maxBytes - reservedBytes)
  const rest = piece.length < text.length ? { cursor: `${field}:${offset + piece.length}` } : {}
  const head: HeadFields<FurtherText> = { taskId: task.id, field, text: piece }
  return { head, ...rest, seq, maxBytes }
}

/** More guards add no information: a task with a thousand dependencies is blocked by each of them. */
const guardsBytesMax = 1500

const traceAnswer = (
  { task, claim, ...details }: ShowView,
  { claimable, ahead, guards }: WhyView,
  { steps, ...trace }: TraceView,
  stepEnd: number | undefined,
  maxBytes: number,
): ToolOutput => {
  const { addedAt, attempts, maxAttempts, cancelReason, finishedAt, finishedBy } = details
  const stepBytesMax = Math.max(reservedBytes, maxBytes / 8)
  const items = steps
    .map((step, i): AnswerItem => ({ shown: truncateStep(step, stepBytesMax), cursor: `step:${i}` }))
    .slice(0, stepEnd)
    .reverse()
  const truncateReason = (text: string): string => truncateText(text, stepBytesMax / 2)
  const shownGuards = takeBytes(
    guards.map(guard => (guard.reason === undefined ? guard : { ...guard, reason: truncateReason(guard.reason) })),
    guardsBytesMax,
  )
  const fullReason = task.hold?.reason ?? cancelReason ?? ''
  const isCut =
    truncateReason(fullReason) !== fullReason ||
    shownGuards.some(({ reason: shownReason }, i) => shownReason !== guards[i]?.reason)
  const isFirstPage = stepEnd === undefined || stepEnd === steps.length
  const { waitedMs, ranMs, retryingMs, heldMs, seq } = trace
  const first: HeadFields<AgentTrace, 'task' | 'claim' | 'steps'> = {
    claimable,
    ...(ahead === undefined ? {} : { ahead }),
    guards: shownGuards,
    ...(guards.length > shownGuards.length ? { moreGuards: guards.length - shownGuards.length } : {}),
    ...{ addedAt, attempts, maxAttempts, finishedAt, finishedBy },
    ...(cancelReason === undefined ? {} : { cancelReason: truncateReason(cancelReason) }),
    ...{ waitedMs, ranMs, retryingMs, heldMs },
  }
  return {
    head: isFirstPage ? first : { taskId: task.id },
    ...(isFirstPage
      ? { taskAndClaim: { task: truncateHold(task, truncateReason), ...(claim === undefined ? {} : { claim }) } }
      : {}),
    list: { name: 'steps', items },
    ...(isFirstPage && isCut ? { cursor: 'reason:0' } : {}),
    maxBytes,
    seq,
  }
}

const truncateHold = (task: TaskView, truncateReason: (text: string) => string): TaskView =>
  task.hold?.reason === undefined ? task : { ...task, hold: { ...task.hold, reason: truncateReason(task.hold.reason) } }

/** Truncates the long values of a step. */
const truncateStep = (step: TraceStepView, stepBytesMax: number): object => {
  if (jsonBytes(step) <= stepBytesMax) return step
  const short = Object.entries(step).map(([name, value]) =>
    jsonBytes(value) <= stepBytesMax / 4
      ? [name, value]
      : [`${name}_start`, truncateToBytes(toText(value), Math.floor(stepBytesMax / 4))],
  )
  return Object.fromEntries(short) as object
}
