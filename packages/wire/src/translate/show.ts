import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import {
  describeTask,
  type TaskDetails,
  type LogClock,
  toWallTime,
  type Refusal,
  showTask,
  type State,
  type Task,
  type TaskId,
} from '@claimlog/domain'
import { omitUndefined } from '@claimlog/codecs'
import type { ExportedTask, ShowView } from '../documents/show.ts'
import { claimView, taskView } from './task.ts'

/** The details of one task. */
export const showView = (state: State, taskId: TaskId): E.Either<Refusal, ShowView> =>
  pipe(
    showTask(state, taskId),
    E.map(details => ({
      task: taskView(details.task, state.clock),
      ...taskDetails(details, state.clock),
      seq: state.seq,
    })),
  )

/** The details of a task as one record. */
export const exportedTask = (state: State, task: Task): ExportedTask => ({
  ...taskView(task, state.clock),
  ...taskDetails(describeTask(state, task), state.clock),
})

const taskDetails = (
  { task, maxAttempts, openNeeds, deadNeeds, finishedBy }: TaskDetails,
  clock: LogClock,
): Omit<ShowView, 'task' | 'seq'> =>
  omitUndefined({
    claim: task.claim === undefined ? undefined : claimView(task.claim, clock),
    added_at: toWallTime(task.addedAt, clock),
    attempts: task.attempts,
    max_attempts: maxAttempts,
    open_needs: openNeeds.length === 0 ? undefined : openNeeds,
    dead_needs: deadNeeds.length === 0 ? undefined : deadNeeds,
    finished_at: toWallTime(task.finished?.time, clock),
    finished_by: finishedBy,
    cancel_reason: task.finished?.reason,
  })
