import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { ListQuery, Refusal, State, TaskId, Time } from '@claimlog/domain'
import type { DiffView, ListView, ShowView, StatusView, WhyView } from '@claimlog/wire'
import type { Closed, ReadFailure } from '@claimlog/event-log'
import type { PointInTime } from './time-travel.ts'

/**
 * Runs `view` on the state at the time `now`. The state belongs to the workspace and keeps changing: `view` must
 * extract what it needs synchronously.
 */
export type Query = <A>(view: (state: State, now: Time) => A) => TE.TaskEither<Refusal | ReadFailure, A>

/** The result of a query, or why there is none. */
export type QueryResult<A> = TE.TaskEither<Refusal | ReadFailure, A>

/** The queries of a workspace at one point in time. */
export type Queries = {
  readonly list: (query?: ListQuery) => QueryResult<ListView>
  readonly show: (taskId: TaskId) => QueryResult<ShowView>
  readonly status: QueryResult<StatusView>
  /** Reports if a task can be claimed, and everything that blocks it. */
  readonly why: (taskId: TaskId) => QueryResult<WhyView>
}

/** A workspace in the past. Every query reads the log from its first line. */
export type TimeTravel = {
  /** The queries at a point in time. */
  readonly at: (point: PointInTime) => Queries & { readonly query: Query }
  /** The changes between two points in time; `to` defaults to now. */
  readonly diff: (from: PointInTime, to?: PointInTime) => QueryResult<DiffView>
}

/** Makes closing the workspace wait for the call, and refuses calls made after that. */
export type TrackCall = <L, A>(call: TE.TaskEither<L, A>) => TE.TaskEither<L | Closed, A>
