import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type Kind, msOf, type Refusal, type TaskId, workLeft } from '@claimlog/domain'
import { type AwaitedView, awaitedView } from '@claimlog/wire'
import type { ReadFailure } from '@claimlog/event-log'
import type { Workspace } from '../workspace.ts'
import { maxStillNamed, type WaitFailure } from './wait-failure.ts'
import { type Look, type Waiting, waitUntil } from './wait-until.ts'

type Failed = Refusal | ReadFailure | WaitFailure

/**
 * Waits until every one of `taskIds` is done, failed for good or cancelled, and answers how they are then. `looked` is told
 * how they stand at each look.
 */
export const waitForTasks =
  (
    workspace: Workspace,
    taskIds: ReadonlyArray<TaskId>,
    waiting: Waiting = {},
    looked: (awaited: AwaitedView) => void = () => undefined,
  ): TE.TaskEither<Failed, AwaitedView> =>
  () =>
    waitUntil(
      workspace.watch,
      async (): Promise<E.Either<Failed, Look<AwaitedView>>> => {
        const seen = await workspace.read((state, now) => ({ awaited: awaitedView(state, taskIds, now), now }))()
        if (E.isLeft(seen)) return seen
        const { awaited, now } = seen.right
        if (E.isLeft(awaited)) return awaited
        const { open, nextAt } = awaited.right
        looked(awaited.right)
        if (open.length === 0) return E.right({ found: awaited.right })
        return E.right({
          still: { open: open.length, taskIds: open.slice(0, maxStillNamed) },
          againInMs: nextAt === undefined ? undefined : msOf(nextAt) - msOf(now),
        })
      },
      waiting,
    )

/**
 * Waits until nothing is left to do among `kinds` (none named: at all): no task can be claimed, is claimed or will be due,
 * and none is blocked by such. Answers the `seq` at which that was so.
 */
export const waitUntilEmpty =
  (workspace: Workspace, kinds: ReadonlyArray<Kind>, waiting: Waiting = {}): TE.TaskEither<Failed, { seq: number }> =>
  () =>
    waitUntil(
      workspace.watch,
      async (): Promise<E.Either<Failed, Look<{ seq: number }>>> => {
        const seen = await workspace.read((state, now) => ({
          left: workLeft(state, kinds, now),
          now,
          seq: state.seq,
        }))()
        if (E.isLeft(seen)) return seen
        const { left, now, seq } = seen.right
        const open = left.pending + left.blocked
        if (open === 0) return E.right({ found: { seq } })
        const againInMs = left.nextAt === undefined ? undefined : msOf(left.nextAt) - msOf(now)
        return E.right({ still: { open, taskIds: [] }, againInMs })
      },
      waiting,
    )
