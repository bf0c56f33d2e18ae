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
    addedAt: toWallTime(task.addedAt, clock),
    attempts: task.attempts,
    maxAttempts,
    openNeeds: openNeeds.length === 0 ? undefined : openNeeds,
    deadNeeds: deadNeeds.length === 0 ? undefined : deadNeeds,
    finishedAt: toWallTime(task.finished?.time, clock),
    finishedBy,
    cancelReason: task.finished?.reason,
  })
