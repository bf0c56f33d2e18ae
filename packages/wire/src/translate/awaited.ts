import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { queryAwaitedTasks, type Refusal, type State, type TaskId, type Time } from '@claimlog/domain'
import type { AwaitedView } from '../documents/awaited.ts'
import { taskView } from './task.ts'

/** The tasks `taskIds` at time `now`, in the given order. */
export const awaitedView = (state: State, taskIds: ReadonlyArray<TaskId>, now: Time): E.Either<Refusal, AwaitedView> =>
  pipe(
    queryAwaitedTasks(state, taskIds, now),
    E.map(awaited => ({ ...awaited, tasks: awaited.tasks.map(task => taskView(task, state.clock)) })),
  )
