import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, type ListQuery, type Refusal, type State, type TaskId, type Time, timeOf } from '@claimlog/domain'
import {
  type DiffView,
  diffView,
  type ListView,
  listView,
  type ShowView,
  showView,
  type StatusView,
  statusView,
  type WhyView,
  whyView,
} from '@claimlog/wire'
import type { Closed, EventLog, ReadFailure } from '@claimlog/event-log'
import type { Clock } from './machine-clock.ts'
import { type Moment, type Past, pastsAt } from './moment.ts'

/**
 * What `view` makes of a state, at the moment `now`. The state is the workspace's own and goes on with it: `view` must
 * take what it needs out of it at once.
 */
export type ReadView = <A>(view: (state: State, now: Time) => A) => TE.TaskEither<Refusal | ReadFailure, A>

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

/** A workspace as it was. All of it reads the log from its first line. */
export type LookingBack = {
  /** The views as they were at a moment. */
  readonly at: (moment: Moment) => Views & { readonly read: ReadView }
  /** What changed from one moment to a later one; none given: to now. */
  readonly diff: (from: Moment, to?: Moment) => Seen<DiffView>
}

/** Makes a call one that is waited for when the workspace is closed, and refused afterwards. */
export type Counted = <L, A>(call: TE.TaskEither<L, A>) => TE.TaskEither<L | Closed, A>

/** Looks back in a log; `clock` says what is still to come. */
export const lookingBack = (log: EventLog<Event>, clock: Clock, counted: Counted): LookingBack => {
  const readAt =
    (moment: Moment): ReadView =>
    view =>
      counted(async () =>
        E.map((pasts: ReadonlyArray<Past>) => {
          const [{ state, now }] = pasts as [Past]
          return view(state, now)
        })(await pastsAt(log, [moment], timeOf(clock().nowMs))),
      )

  return {
    at: moment => ({ read: readAt(moment), ...viewsOver(readAt(moment)) }),
    diff: (from, to) =>
      counted(async () => E.chainW(diffBetween)(await pastsAt(log, [from, to], timeOf(clock().nowMs)))),
  }
}

const diffBetween = (pasts: ReadonlyArray<Past>): E.Either<Refusal, DiffView> => {
  const [{ state: before }, { state: after }] = pasts as [Past, Past]
  return before.seq > after.seq
    ? E.left({
        error: 'bad_input',
        detail: `seq ${before.seq} comes after seq ${after.seq}: name the earlier moment first`,
      })
    : E.right(diffView(before, after))
}
