import { omitUndefined } from '@claimlog/client/unstable-internals'
import {
  type AgentResult,
  type ClaimView,
  type FurtherText,
  type ClaimNotice,
  type TaskView,
  toDocument,
} from '@claimlog/wire'
import { jsonBytes, truncateToBytes } from './json-size.ts'
import type { ToolError } from './mcp-options.ts'

/** The default size limit of an answer: the model reads each byte again in every following turn. */
export const answerBytesDefault = 8192

/** An item of a list, and the cursor that continues after it. */
export type AnswerItem = { readonly shown: object; readonly cursor: string }

/** The answer of a tool before it is cut to size. */
export type ToolOutput = {
  /** Short fields, which are always included. */
  readonly head: Readonly<Record<string, unknown>>
  /**
   * A task with its claim; long fields are truncated and have cursors. `as`: the field that contains both; undefined:
   * the answer itself.
   */
  readonly taskAndClaim?: { readonly as?: string; readonly task: TaskView; readonly claim?: ClaimView }
  /** A list, cut to the remaining size. `cursor`: there are more items than these. */
  readonly list?: { readonly name: string; readonly items: ReadonlyArray<AnswerItem>; readonly cursor?: string }
  /** Continues the answer. */
  readonly cursor?: string
  readonly maxBytes?: number
  readonly seq?: number
}

/** The fields of an answer's `head`: not those in `Excluded`, and not those that the server adds to every answer. */
export type HeadFields<D extends AgentResult, Excluded extends keyof D = never> = Omit<D, keyof AgentResult | Excluded>

/** A complete answer as it is sent. */
export type AnswerDocument = Readonly<Record<string, unknown>>

/** Reserved for the fields that show that something is missing. */
const reservedBytes = 200
const noticesField = (notices: ReadonlyArray<ClaimNotice>): object =>
  notices.length === 0 ? {} : { notices: toDocument(notices) }

/** Cuts an answer to its size limit. `truncated` is true if something is missing, and `cursor` continues there. */
export const answerDocument = (answer: ToolOutput, notices: ReadonlyArray<ClaimNotice>): AnswerDocument => {
  const { taskAndClaim, list, maxBytes = answerBytesDefault, seq } = answer
  const head = toDocument(answer.head) as object
  const noticeField = noticesField(notices)
  const room = maxBytes - jsonBytes({ ok: true, ...head, ...noticeField }) - reservedBytes
  const task =
    taskAndClaim === undefined
      ? undefined
      : cutTask(taskAndClaim.task, taskAndClaim.claim, list === undefined ? room : room / 2)
  const { as } = taskAndClaim ?? {}
  const shown = task === undefined ? {} : as === undefined ? task.shown : { [as]: task.shown }
  const page = list === undefined ? undefined : cutList(list.items, room - jsonBytes(shown))
  const cursor = page?.cursor ?? list?.cursor ?? task?.cursor ?? answer.cursor
  const truncated = cursor !== undefined
  return {
    ok: true,
    ...head,
    ...shown,
    ...(list === undefined ? {} : { [list.name]: page?.shown }),
    truncated,
    ...(cursor === undefined ? {} : { cursor }),
    ...noticeField,
    ...(seq === undefined ? {} : { seq }),
  }
}

/** Formats a refusal or a failure. Truncates long texts and, if that is not enough, drops all data. */
export const errorDocument = (
  { error, message, hint, data }: ToolError,
  notices: ReadonlyArray<ClaimNotice>,
): AnswerDocument => {
  const noticeField = noticesField(notices)
  const errorFields = { ok: false, error, message: truncateToBytes(message, 1500), hint: truncateToBytes(hint, 500) }
  const details = toDocument(data ?? {}) as Readonly<Record<string, unknown>>
  const shortData = Object.entries(details).map(([name, value]) => [name, truncateValue(value)] as const)
  const truncated = errorFields.message !== message || shortData.some(([name, value]) => value !== details[name])
  const document = { ...errorFields, ...Object.fromEntries(shortData), truncated, ...noticeField }
  return jsonBytes(document) <= answerBytesDefault ? document : { ...errorFields, truncated: true, ...noticeField }
}

const dataTextBytesMax = 500

const truncateValue = (value: unknown): unknown =>
  typeof value === 'string' && jsonBytes(value) > dataTextBytesMax ? truncateText(value, dataTextBytesMax) : value

/** Truncates a text and marks it with `…` if it is too long. */
export const truncateText = (text: string, bytes: number): string => {
  const start = truncateToBytes(text, bytes)
  return start === text ? text : `${start}…`
}

/** The fields of a task that may be long; `trace_task` reads the rest. */
export const longFields = ['payload', 'result', 'error', 'title', 'needs', 'tags'] as const satisfies ReadonlyArray<
  FurtherText['field']
>

type CutTask = { readonly shown: Record<string, unknown>; readonly cursor: string | undefined }

/** The minimum size of a truncated field. */
const fieldBytesMin = 64

const cutTask = (task: TaskView, claim: ClaimView | undefined, room: number): CutTask => {
  const shown = toDocument(task) as Record<string, unknown>
  const claimField = claim === undefined ? {} : { claim: truncateProgress(claim) }
  const remainingBytes = room - jsonBytes(claimField)
  let cursor: string | undefined
  const bySize = longFields.filter(field => task[field] !== undefined)
  bySize.sort((a, b) => jsonBytes(task[b]) - jsonBytes(task[a]))
  for (const field of bySize) {
    const excess = jsonBytes(shown) - remainingBytes
    if (excess <= 0) break
    const start = truncateToBytes(
      toText(task[field]),
      Math.max(fieldBytesMin, jsonBytes(task[field]) - excess - reservedBytes),
    )
    shown[field] = undefined
    shown[`${field}_start`] = start
    shown[`${field}_cursor`] = `${field}:${start.length}`
    cursor ??= `${field}:${start.length}`
  }
  return { shown: { task: omitUndefined(shown), ...claimField }, cursor }
}

/** Converts a value to text: a string itself, otherwise its JSON. */
export const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const progressBytesMax = 512

const truncateProgress = ({ progress, ...claim }: ClaimView): object => {
  const document = toDocument(claim) as object
  if (progress === undefined) return document
  return jsonBytes(progress) <= progressBytesMax
    ? { ...document, progress }
    : { ...document, progress_start: truncateToBytes(toText(progress), progressBytesMax) }
}

/** The first items of a list that fit in `bytes`, but at least one. */
export const takeBytes = <A>(list: ReadonlyArray<A>, bytes: number): ReadonlyArray<A> => {
  let remainingBytes = bytes
  const end = list.findIndex(each => (remainingBytes -= jsonBytes(each) + 1) < 0)
  return end === -1 ? list : list.slice(0, Math.max(1, end))
}

const cutList = (
  items: ReadonlyArray<AnswerItem>,
  room: number,
): { readonly shown: ReadonlyArray<object>; readonly cursor?: string } => {
  let remainingBytes = room
  const shown: Array<object> = []
  for (const [i, item] of items.entries()) {
    const document = toDocument(item.shown) as object
    remainingBytes -= jsonBytes(document) + 1
    // At least one item, so that every page makes progress.
    if (remainingBytes < 0 && i > 0) return { shown, cursor: items[i - 1]?.cursor ?? '' }
    shown.push(document)
  }
  return { shown }
}
