import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type NoReadyTask, type Refusal, workLeft } from '@claimlog/domain'
import type { TransactFailure } from '@claimlog/event-log'
import type { ClaimedTask } from '@claimlog/wire'
import {
  toClaimedTask,
  type ClaimInput,
  claimWhenReady,
  type ShouldStopWaiting,
  pause,
  type Workspace,
} from '@claimlog/workspace'
import { isFatal } from './is-fatal.ts'
import type { WorkerState } from './worker-state.ts'

/** Why a worker ended: a signal stopped it, nothing is left to do, nothing is ready, or it has claimed `maxTasks`. */
export type WorkerEndReason = 'stopped' | 'drained' | 'idle' | 'max_tasks'

/** The reason for which a worker ends unless it has claimed `maxTasks` before. */
export type WorkerEndCondition = Exclude<WorkerEndReason, 'max_tasks'>

/** The end of a worker; `none`: why there was nothing to claim, if that ended it. */
export type WorkerEnd = { readonly ended: WorkerEndReason; readonly none?: NoReadyTask }

/** A worker that claims tasks while it has a free slot. */
export type ClaimLoopOptions = {
  readonly workspace: Workspace
  readonly input: ClaimInput
  readonly until: WorkerEndCondition
  readonly slots: number
  readonly failuresMax: number
  readonly state: WorkerState
  /** Starts the work on a task; its slot is free again when that ends. */
  readonly start: (task: ClaimedTask) => void
}

const failurePauseMs = 1000

/** Claims tasks and starts them, and waits for the next one, until the worker must claim no more. */
export const claimTasks =
  (options: ClaimLoopOptions): TE.TaskEither<Refusal | TransactFailure, WorkerEnd> =>
  async () => {
    const { workspace, input, until, slots, state, start } = options
    const { ending, breaker } = state
    for (;;) {
      if (ending.aborted) return E.right({ ended: 'stopped' })
      const waitMs = breaker.waitMs()
      if (waitMs > 0) {
        await pause(waitMs, ending)
        continue
      }
      // If no place is left, a running task may still find no next one and return its place.
      if (state.runningCount() >= slots || !state.reserve()) {
        if (state.runningCount() === 0) return E.right({ ended: 'max_tasks' })
        await state.waitForAny()
        continue
      }
      const claimResult = await claimWhenReady(workspace, input, { signal: ending }, stopPolicy(input, until))()
      if (E.isRight(claimResult)) {
        breaker.recordClaim()
        for (const task of claimResult.right.tasks) start(toClaimedTask(task))
        continue
      }
      state.returnPlace()
      const error = claimResult.left
      if ('error' in error)
        return error.error === 'no_ready_task' ? E.right({ ended: until, none: error }) : E.left(error)
      if (error.failure === 'Aborted' || error.failure === 'WaitTimeout') continue
      if (isFatal(error)) return E.left(error)
      state.emit({ event: 'delayed', failure: error })
      // Other processes release the lock; a disk or limit that fails may keep failing.
      if (error.failure !== 'IoFailed') await pause(failurePauseMs, ending)
      else if (isMachineBroken(options)) return E.left(error)
    }
  }

/** Counts a failure; while other work is running, the resources that it uses may become free. */
const isMachineBroken = ({ state, failuresMax }: ClaimLoopOptions): boolean => {
  state.breaker.recordFailure()
  return state.breaker.failureCount() >= failuresMax && state.runningCount() === 0
}

/** Returns when a worker that finds nothing ready stops waiting. */
const stopPolicy = ({ kinds }: ClaimInput, until: WorkerEndCondition): ShouldStopWaiting => {
  switch (until) {
    case 'stopped':
      return () => false
    case 'idle':
      return () => true
    case 'drained':
      return (state, now) => {
        const { pending, blocked } = workLeft(state, kinds, now)
        return pending + blocked === 0
      }
  }
}
