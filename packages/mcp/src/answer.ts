import { omitUndefined } from '@claimlog/client/unstable-internals'
import type { AgentResult, ClaimView, FurtherText, ClaimNotice, TaskView } from '@claimlog/wire'
import { jsonBytes, startOf } from './json-size.ts'
import type { Problem } from './mcp-options.ts'

/** The default size limit of an answer: the model reads each byte again in every following turn. */
export const usualBytes = 8192

/** An item of a list, and the cursor that continues after it. */
export type Item = { readonly shown: object; readonly cursor: string }

/** The answer of a tool before it is cut to size. */
export type Answer = {
  /** Short fields, which are always included. */
  readonly head: Readonly<Record<string, unknown>>
  /**
   * A task with its claim; long fields are truncated and have cursors. `as`: the field that contains both; undefined:
   * the answer itself.
   */
  readonly taskAndClaim?: { readonly as?: string; readonly task: TaskView; readonly claim?: ClaimView }
  /** A list, cut to the remaining size. `cursor`: there are more items than these. */
  readonly list?: { readonly name: string; readonly items: ReadonlyArray<Item>; readonly cursor?: string }
  /** Continues the answer. */
  readonly cursor?: string
  readonly maxBytes?: number
  readonly seq?: number
}

/** The fields of an answer's `head`: not those in `Apart`, and not those that the server adds to every answer. */
export type OwnFields<D extends AgentResult, Apart extends keyof D = never> = Omit<D, keyof AgentResult | Apart>

/** A complete answer as it is sent. */
export type Document = Readonly<Record<string, unknown>>

/** Reserved for the fields that show that something is missing. */
const bytesForTheRest = 200
const toldOf = (notices: ReadonlyArray<ClaimNotice>): object => (notices.length === 0 ? {} : { notices })

/** Cuts an answer to its size limit. `truncated` is true if something is missing, and `cursor` continues there. */
export const answerDocument = (answer: Answer, notices: ReadonlyArray<ClaimNotice>): Document => {
  const { head, taskAndClaim, list, maxBytes = usualBytes, seq } = answer
  const told = toldOf(notices)
  const room = maxBytes - jsonBytes({ ok: true, ...head, ...told }) - bytesForTheRest
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
    ...told,
    ...(seq === undefined ? {} : { seq }),
  }
}

/** Formats a refusal or a failure. Truncates long texts and, if that is not enough, drops all data. */
export const problemDocument = (
  { error, message, hint, data }: Problem,
  notices: ReadonlyArray<ClaimNotice>,
): Document => {
  const told = toldOf(notices)
  const words = { ok: false, error, message: startOf(message, 1500), hint: startOf(hint, 500) }
  const short = Object.entries(data ?? {}).map(([name, value]) => [name, shortValue(value)] as const)
  const truncated = words.message !== message || short.some(([name, value]) => value !== data?.[name])
  const whole = { ...words, ...Object.fromEntries(short), truncated, ...told }
  return jsonBytes(whole) <= usualBytes ? whole : { ...words, truncated: true, ...told }
}

const longestText = 500

const shortValue = (value: unknown): unknown =>
  typeof value === 'string' && jsonBytes(value) > longestText ? shortText(value, longestText) : value

/** Truncates a text and marks it with `…` if it is too long. */
export const shortText = (text: string, bytes: number): string => {
  const start = startOf(text, bytes)
  return start === text ? text : `${start}…`
}

/** The fields of a task that may be long; `trace_task` reads the rest. */
export const longFields = ['payload', 'result', 'error', 'title', 'needs', 'tags'] as const satisfies ReadonlyArray<
  FurtherText['field']
>

type Cut = { readonly shown: Record<string, unknown>; readonly cursor: string | undefined }

/** The minimum size of a truncated field. */
const leastBytes = 64

const cutTask = (task: TaskView, claim: ClaimView | undefined, room: number): Cut => {
  const shown: Record<string, unknown> = { ...task }
  const held = claim === undefined ? {} : { claim: withShortProgress(claim) }
  const left = room - jsonBytes(held)
  let cursor: string | undefined
  const bySize = longFields.filter(field => task[field] !== undefined)
  bySize.sort((a, b) => jsonBytes(task[b]) - jsonBytes(task[a]))
  for (const field of bySize) {
    const excess = jsonBytes(shown) - left
    if (excess <= 0) break
    const start = startOf(textOf(task[field]), Math.max(leastBytes, jsonBytes(task[field]) - excess - bytesForTheRest))
    shown[field] = undefined
    shown[`${field}_start`] = start
    shown[`${field}_cursor`] = `${field}:${start.length}`
    cursor ??= `${field}:${start.length}`
  }
  return { shown: { task: omitUndefined(shown), ...held }, cursor }
}

/** Converts a value to text: a string itself, otherwise its JSON. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const longestProgress = 512

const withShortProgress = ({ progress, ...claim }: ClaimView): object => {
  if (progress === undefined) return claim
  return jsonBytes(progress) <= longestProgress
    ? { ...claim, progress }
    : { ...claim, progress_start: startOf(textOf(progress), longestProgress) }
}

/** The first items of a list that fit in `bytes`, but at least one. */
export const withinBytes = <A>(list: ReadonlyArray<A>, bytes: number): ReadonlyArray<A> => {
  let left = bytes
  const end = list.findIndex(each => (left -= jsonBytes(each) + 1) < 0)
  return end === -1 ? list : list.slice(0, Math.max(1, end))
}

const cutList = (
  items: ReadonlyArray<Item>,
  room: number,
): { readonly shown: ReadonlyArray<object>; readonly cursor?: string } => {
  let left = room
  const shown: Array<object> = []
  for (const [i, item] of items.entries()) {
    left -= jsonBytes(item.shown) + 1
    // At least one item, so that every page makes progress.
    if (left < 0 && i > 0) return { shown, cursor: items[i - 1]?.cursor ?? '' }
    shown.push(item.shown)
  }
  return { shown }
}
