import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  findDeparture,
  type Kind,
  timeToMs,
  type Refusal,
  type State,
  type TaskId,
  type Time,
  workLeft,
} from '@claimlog/domain'
import { type WaitProgress, waitProgress } from '@claimlog/wire'
import type { ReadFailure } from '@claimlog/event-log'
import type { Workspace } from '../workspace.ts'
import { unfinishedIdsMax, type WaitFailure } from './wait-failure.ts'
import { type WaitCheck, type WaitLimits, waitUntil } from './wait-until.ts'

type TaskWaitFailure = Refusal | ReadFailure | WaitFailure

/**
 * Waits until every one of `taskIds` is done, failed or cancelled, and returns their final state. `onCheck` receives
 * their state at each check. Refused once the log was moved: its open tasks are finished elsewhere.
 */
export const waitForTasks = (
  workspace: Workspace,
  taskIds: ReadonlyArray<TaskId>,
  limits: WaitLimits = {},
  onCheck: (awaitedTasks: WaitProgress) => void = () => undefined,
): TE.TaskEither<TaskWaitFailure, WaitProgress> => {
  const queryTasks = workspace.query((state, now) =>
    pipe(
      waitProgress(state, taskIds, now),
      E.chainFirst(({ open }) => (open.length > 0 ? refuseIfMoved(state) : E.right(undefined))),
      E.map(addTime(now)),
    ),
  )
  const check: TE.TaskEither<TaskWaitFailure, WaitCheck<WaitProgress>> = async () =>
    pipe(
      E.flattenW(await queryTasks()),
      E.map(observation => {
        onCheck(observation.awaitedTasks)
        return toCheck(observation)
      }),
    )
  return waitUntil(workspace.watch, check, limits)
}

/** Refuses to wait for more events of a log that was moved. */
const refuseIfMoved = (state: State): E.Either<Refusal, undefined> => {
  const departure = findDeparture(state)
  return departure === undefined ? E.right(undefined) : E.left({ error: 'workspace_moved', target: departure.target })
}

/** Awaited tasks at a point in time. */
type TimedTasks = { readonly awaitedTasks: WaitProgress; readonly now: Time }

const addTime =
  (now: Time) =>
  (awaitedTasks: WaitProgress): TimedTasks => ({ awaitedTasks, now })

const toCheck = ({ awaitedTasks, now }: TimedTasks): WaitCheck<WaitProgress> => {
  const { open, nextAt } = awaitedTasks
  if (open.length === 0) return { value: awaitedTasks }
  return {
    still: { open: open.length, taskIds: open.slice(0, unfinishedIdsMax) },
    recheckMs: nextAt === undefined ? undefined : timeToMs(nextAt) - timeToMs(now),
  }
}

/**
 * Waits until nothing is left to do among `kinds` (empty: all kinds): no task is claimable, claimed or due later, and
 * none is blocked by such a task. Returns the `seq` at which that was so. Refused once the log was moved.
 */
export const waitUntilEmpty = (
  workspace: Workspace,
  kinds: ReadonlyArray<Kind>,
  limits: WaitLimits = {},
): TE.TaskEither<TaskWaitFailure, { seq: number }> => {
  const queryWork = workspace.query((state, now): E.Either<Refusal, WaitCheck<{ seq: number }>> => {
    const remaining = workLeft(state, kinds, now)
    const open = remaining.pending + remaining.blocked
    if (open === 0) return E.right({ value: { seq: state.seq } })
    const recheckMs = remaining.nextAt === undefined ? undefined : timeToMs(remaining.nextAt) - timeToMs(now)
    return E.map(() => ({ still: { open, taskIds: [] }, recheckMs }))(refuseIfMoved(state))
  })
  const check: TE.TaskEither<TaskWaitFailure, WaitCheck<{ seq: number }>> = async () => E.flattenW(await queryWork())
  return waitUntil(workspace.watch, check, limits)
}
