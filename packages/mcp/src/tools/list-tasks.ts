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
import { type Answer, type Item, type OwnFields, withinBytes } from '../answer.ts'
import { Cursor, MaxBytes } from '../paging.ts'
import { startOf } from '../json-size.ts'
import type { Desk } from '../agent-session.ts'
import type { Problem } from '../mcp-options.ts'
import { tool } from '../tool.ts'

const Standings = t.keyof(
  Object.fromEntries(displayStatuses.map(standing => [standing, null])) as Record<DisplayStatus, null>,
)

/** More rows than fit in the largest answer. */
const mostRows = 10_000
const rowsPerByte = 1 / 40

/** Shows task counts by status, the agent's claims and a page of tasks. */
export const listTasks = tool({
  name: 'list_tasks',
  description: 'Counts by kind, your claims, and tasks, oldest first; only open ones unless status is given.',
  readOnly: true,
  idempotent: true,
  input: closedRecord(
    'arguments',
    {},
    { kinds: listCodec(Kind, 'a list of kinds'), status: Standings, cursor: Cursor, max_bytes: MaxBytes },
  ),
  fields: {},
  run: ({ cursor, ...asked }, desk) =>
    pipe(
      TE.fromEither(placeOf(cursor)),
      TE.map(after => pageAt(desk, { ...asked, after })),
      TE.chainW(page => desk.queue.query(page)),
    ),
})

/** Decodes a cursor: the page begins after the task that was added with this event. */
const placeOf = (cursor: string | undefined): E.Either<Problem, number | undefined> =>
  cursor === undefined || Number.isSafeInteger(Number(cursor))
    ? E.right(cursor === undefined ? undefined : Number(cursor))
    : E.left(notACursor)

/** The requested page. */
type Asked = {
  readonly kinds?: ReadonlyArray<Kind>
  readonly status?: DisplayStatus
  readonly after: number | undefined
  readonly maxBytes?: number
}

const pageAt =
  ({ claims, worker }: Desk, { kinds, status, after, maxBytes }: Asked) =>
  (state: State, now: Time): Answer => {
    const pageSize = maxBytes === undefined ? 200 : Math.min(mostRows, Math.ceil(maxBytes * rowsPerByte))
    const page = taskPage(state, { kinds, status: status, after, pageSize }, now)
    const items = page.tasks.map(({ task, cursor }): Item => ({
      shown: rowOf(state, task, now),
      cursor: String(cursor),
    }))
    const counted = countOpenByKind(state, now).filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    const counts = withinBytes(counted, bytesOfCounts)
    const held = withinBytes(claims.held(state, now), bytesOfHeld)
    const moreKinds = counts.length < counted.length ? { more_kinds: counted.length - counts.length } : {}
    const head: OwnFields<AgentList, 'tasks'> = { counts, ...moreKinds, finished: countFinished(state), worker, held }
    return {
      head,
      list: { name: 'tasks', items, ...(page.more ? { cursor: String(page.end) } : {}) },
      seq: state.seq,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    }
  }

const bytesOfCounts = 2000
const bytesOfHeld = 1000
const bytesOfNeeds = 200
const titleBytes = 100

const notACursor = {
  error: 'bad_input',
  message: 'there is no such cursor',
  hint: 'pass the cursor of a list_tasks answer unchanged, or omit it to start at the beginning',
}

/** Formats a task as a short row without empty fields. */
const rowOf = (state: State, task: Task, now: Time): TaskRow => {
  const { id, kind, claim, spec, dueAt } = task
  const status = displayStatus(task, now)
  const needs = status === 'blocked' ? listOpenNeeds(state, task) : []
  return omitUndefined({
    id,
    kind,
    status,
    title: spec.title === undefined ? undefined : startOf(spec.title, titleBytes),
    worker: status === 'claimed' ? claim?.worker : undefined,
    until: toWallTime(status === 'claimed' ? claim?.leaseUntil : status === 'waiting' ? dueAt : undefined, state.clock),
    held: task.hold === undefined ? undefined : true,
    needs: needs.length === 0 ? undefined : withinBytes(needs, bytesOfNeeds),
    priority: spec.priority === undefined ? undefined : taskPriority(task),
    error: status === 'failed' ? startOf(task.lastClaimEnd?.error ?? '', titleBytes) : undefined,
  })
}
