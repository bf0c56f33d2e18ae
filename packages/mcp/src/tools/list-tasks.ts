import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { closedRecord, listCodec } from '@claimlog/codecs'
import {
  countFinished,
  omitUndefined,
  Kind,
  toWallTime,
  countOpenByKind,
  listOpenNeeds,
  taskPriority,
  type DisplayStatus,
  displayStatus,
  displayStatuses,
  type State,
  type Task,
  taskPage,
  type Time,
} from '@claimlog/client/unstable-internals'
import * as t from 'io-ts'
import type { AgentList, TaskRow } from '@claimlog/wire'
import { type ToolOutput, type AnswerItem, type HeadFields, takeBytes } from '../answer.ts'
import { Cursor, AnswerBytesMax } from '../page-codecs.ts'
import { truncateToBytes } from '../json-size.ts'
import type { ToolContext } from '../agent-session.ts'
import type { ToolError } from '../mcp-options.ts'
import { defineTool } from '../tool.ts'

const StatusFilter = t.keyof(
  Object.fromEntries(displayStatuses.map(status => [status, null])) as Record<DisplayStatus, null>,
)

/** More rows than fit in the largest answer. */
const rowsMax = 10_000
const rowsPerByte = 1 / 40

/** Shows task counts by status, the agent's claims and a page of tasks. */
export const listTasks = defineTool({
  name: 'list_tasks',
  description: 'Counts by kind, your claims, and tasks, oldest first; only open ones unless status is given.',
  readOnly: true,
  idempotent: true,
  input: closedRecord(
    'arguments',
    {},
    { kinds: listCodec(Kind, 'a list of kinds'), status: StatusFilter, cursor: Cursor, max_bytes: AnswerBytesMax },
  ),
  fields: {},
  run: ({ cursor, ...pageInput }, context) =>
    pipe(
      TE.fromEither(decodeCursor(cursor)),
      TE.map(after => readPage(context, { ...pageInput, after })),
      TE.chainW(page => context.queue.query(page)),
    ),
})

/** Decodes a cursor: the page begins after the task that was added with this event. */
const decodeCursor = (cursor: string | undefined): E.Either<ToolError, number | undefined> =>
  cursor === undefined || Number.isSafeInteger(Number(cursor))
    ? E.right(cursor === undefined ? undefined : Number(cursor))
    : E.left(invalidCursor)

/** The requested page. */
type PageInput = {
  readonly kinds?: ReadonlyArray<Kind>
  readonly status?: DisplayStatus
  readonly after: number | undefined
  readonly maxBytes?: number
}

const readPage =
  ({ claims, worker }: ToolContext, { kinds, status, after, maxBytes }: PageInput) =>
  (state: State, now: Time): ToolOutput => {
    const pageSize = maxBytes === undefined ? 200 : Math.min(rowsMax, Math.ceil(maxBytes * rowsPerByte))
    const page = taskPage(state, { kinds, status, after, pageSize }, now)
    const items = page.tasks.map(({ task, cursor }): AnswerItem => ({
      shown: toRow(state, task, now),
      cursor: String(cursor),
    }))
    const allCounts = countOpenByKind(state, now).filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    const counts = takeBytes(allCounts, countsBytesMax)
    const held = takeBytes(claims.claimedTasks(state, now), claimedBytesMax)
    const moreKinds = counts.length < allCounts.length ? { more_kinds: allCounts.length - counts.length } : {}
    const head: HeadFields<AgentList, 'tasks'> = { counts, ...moreKinds, finished: countFinished(state), worker, held }
    return {
      head,
      list: { name: 'tasks', items, ...(page.more ? { cursor: String(page.end) } : {}) },
      seq: state.seq,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    }
  }

const countsBytesMax = 2000
const claimedBytesMax = 1000
const needsBytesMax = 200
const titleBytesMax = 100

const invalidCursor = {
  error: 'bad_input',
  message: 'there is no such cursor',
  hint: 'pass the cursor of a list_tasks answer unchanged, or omit it to start at the beginning',
}

/** Formats a task as a short row without empty fields. */
const toRow = (state: State, task: Task, now: Time): TaskRow => {
  const { id, kind, claim, spec, dueAt } = task
  const status = displayStatus(task, now)
  const needs = status === 'blocked' ? listOpenNeeds(state, task) : []
  return omitUndefined({
    id,
    kind,
    status,
    title: spec.title === undefined ? undefined : truncateToBytes(spec.title, titleBytesMax),
    worker: status === 'claimed' ? claim?.worker : undefined,
    until: toWallTime(status === 'claimed' ? claim?.leaseUntil : status === 'waiting' ? dueAt : undefined, state.clock),
    held: task.hold === undefined ? undefined : true,
    needs: needs.length === 0 ? undefined : takeBytes(needs, needsBytesMax),
    priority: spec.priority === undefined ? undefined : taskPriority(task),
    error: status === 'failed' ? truncateToBytes(task.lastClaimEnd?.error ?? '', titleBytesMax) : undefined,
  })
}
