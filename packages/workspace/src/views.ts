import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type ListQuery,
  type ListView,
  listView,
  type Refusal,
  type ShowView,
  showView,
  type StatusView,
  statusView,
  type TaskId,
  type WhyView,
  whyView,
} from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import type { ReadView } from './read-view.ts'

/** A view, or why there is none. */
export type Seen<A> = TE.TaskEither<Refusal | ReadFailure, A>

/** What can be seen of a workspace at one moment. */
export type Views = {
  readonly list: (query?: ListQuery) => Seen<ListView>
  readonly show: (taskId: TaskId) => Seen<ShowView>
  readonly status: Seen<StatusView>
  /** Whether a task can be claimed, and all that stands in its way. */
  readonly why: (taskId: TaskId) => Seen<WhyView>
}

/** The views of whatever state `read` gives. */
export const viewsOver = (read: ReadView): Views => ({
  list: query => read(state => listView(state, query ?? {})),
  show: taskId => flattened(read(state => showView(state, taskId))),
  status: read(statusView),
  why: taskId => flattened(read((state, now) => whyView(state, taskId, now))),
})

const flattened =
  <A>(seen: Seen<E.Either<Refusal, A>>): Seen<A> =>
  async () => {
    const outer = await seen()
    return E.isLeft(outer) ? outer : outer.right
  }
