import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type Kind, timeToMs, type Refusal, type TaskId, type Time, workLeft } from '@claimlog/domain'
import { type AwaitedView, awaitedView } from '@claimlog/wire'
import type { ReadFailure } from '@claimlog/event-log'
import type { Workspace } from '../workspace.ts'
import { maxStillNamed, type WaitFailure } from './wait-failure.ts'
import { type Look, type Waiting, waitUntil } from './wait-until.ts'

type Failed = Refusal | ReadFailure | WaitFailure

/**
 * Waits until every one of `taskIds` is done, failed or cancelled, and returns their final state. `onCheck` receives
 * their state at each check.
 */
export const waitForTasks = (
  workspace: Workspace,
  taskIds: ReadonlyArray<TaskId>,
  waiting: Waiting = {},
  looked: (awaited: AwaitedView) => void = () => undefined,
): TE.TaskEither<Failed, AwaitedView> => {
  const seen = workspace.read((state, now) => E.map(asSeen(now))(awaitedView(state, taskIds, now)))
  const look: TE.TaskEither<Failed, Look<AwaitedView>> = async () =>
    pipe(
      E.flattenW(await seen()),
      E.map(each => {
        looked(each.awaited)
        return asLook(each)
      }),
    )
  return waitUntil(workspace.watch, look, waiting)
}

/** Awaited tasks at a point in time. */
type SeenAwaited = { readonly awaited: AwaitedView; readonly now: Time }

const asSeen =
  (now: Time) =>
  (awaited: AwaitedView): SeenAwaited => ({ awaited, now })

const asLook = ({ awaited, now }: SeenAwaited): Look<AwaitedView> => {
  const { open, nextAt } = awaited
  if (open.length === 0) return { found: awaited }
  return {
    still: { open: open.length, taskIds: open.slice(0, maxStillNamed) },
    againInMs: nextAt === undefined ? undefined : timeToMs(nextAt) - timeToMs(now),
  }
}

/**
 * Waits until nothing is left to do among `kinds` (empty: all kinds): no task is claimable, claimed or due later, and
 * none is blocked by such a task. Returns the `seq` at which that was so.
 */
export const waitUntilEmpty = (
  workspace: Workspace,
  kinds: ReadonlyArray<Kind>,
  waiting: Waiting = {},
): TE.TaskEither<Failed, { seq: number }> => {
  const look = workspace.read((state, now): Look<{ seq: number }> => {
    const left = workLeft(state, kinds, now)
    const open = left.pending + left.blocked
    if (open === 0) return { found: { seq: state.seq } }
    const againInMs = left.nextAt === undefined ? undefined : timeToMs(left.nextAt) - timeToMs(now)
    return { still: { open, taskIds: [] }, againInMs }
  })
  return waitUntil(workspace.watch, look, waiting)
}
