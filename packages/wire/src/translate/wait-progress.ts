import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { queryAwaitedTasks, type Refusal, type State, type TaskId, type Time } from '@claimlog/domain'
import type { WaitProgress } from '../documents/wait-progress.ts'
import { taskView } from './task.ts'

/** The tasks `taskIds` at time `now`, in the given order. */
export const waitProgress = (
  state: State,
  taskIds: ReadonlyArray<TaskId>,
  now: Time,
): E.Either<Refusal, WaitProgress> =>
  pipe(
    queryAwaitedTasks(state, taskIds, now),
    E.map(progress => ({ ...progress, tasks: progress.tasks.map(task => taskView(task, state.clock)) })),
  )
