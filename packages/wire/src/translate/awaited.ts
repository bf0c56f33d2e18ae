import * as E from 'fp-ts/lib/Either.js'
import { lookAtAwaited, type Refusal, type State, type TaskId, type Time } from '@claimlog/domain'
import type { AwaitedView } from '../documents/awaited.ts'
import { taskView } from './task.ts'

/** How `taskIds` stand at `now`, in the order they were named. */
export const awaitedView = (
  state: State,
  taskIds: ReadonlyArray<TaskId>,
  now: Time,
): E.Either<Refusal, AwaitedView> => {
  const awaited = lookAtAwaited(state, taskIds, now)
  if (E.isLeft(awaited)) return awaited
  return E.right({ ...awaited.right, tasks: awaited.right.tasks.map(task => taskView(task, state.clock)) })
}
