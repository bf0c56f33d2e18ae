import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { ListQuery, Refusal, State, TaskId, Time } from '@claimlog/domain'
import type { DiffView, ListView, ShowView, StatusView, WhyView } from '@claimlog/wire'
import type { Closed, ReadFailure } from '@claimlog/event-log'
import type { Moment } from './moment.ts'

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

/** A workspace as it was. All of it reads the log from its first line. */
export type LookingBack = {
  /** The views as they were at a moment. */
  readonly at: (moment: Moment) => Views & { readonly read: ReadView }
  /** What changed from one moment to a later one; none given: to now. */
  readonly diff: (from: Moment, to?: Moment) => Seen<DiffView>
}

/** Makes a call one that is waited for when the workspace is closed, and refused afterwards. */
export type Counted = <L, A>(call: TE.TaskEither<L, A>) => TE.TaskEither<L | Closed, A>
