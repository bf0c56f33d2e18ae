import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type NoReadyTask, type Refusal, workLeft } from '@claimlog/domain'
import type { TransactFailure } from '@claimlog/event-log'
import type { ClaimedTask } from '@claimlog/wire'
import { claimedTask, type ClaimOrder, claimWhenReady, type GiveUp, pause, type Workspace } from '@claimlog/workspace'
import { isFatal } from './fatal.ts'
import type { WorkerState } from './worker-state.ts'

/** Why a worker ended: a signal, nothing left to do, nothing ready, or `maxTasks` claimed. */
export type Ended = 'told' | 'empty' | 'unready' | 'max_tasks'

/** The end of a worker; `none`: why there was nothing to claim, if that ended it. */
export type Ending = { readonly ended: Ended; readonly none?: NoReadyTask }

/** A worker that claims tasks while it has a free slot. */
export type Taking = {
  readonly workspace: Workspace
  readonly order: ClaimOrder
  readonly until: 'told' | 'empty' | 'unready'
  readonly slots: number
  readonly failuresMax: number
  readonly state: WorkerState
  /** Starts the work on a task; its slot is free again when that ends. */
  readonly start: (task: ClaimedTask) => void
}

const pauseAfterFailureMs = 1000

/** Claims tasks and starts them, and waits for the next one, until the worker must claim no more. */
export const takeTasks =
  (taking: Taking): TE.TaskEither<Refusal | TransactFailure, Ending> =>
  async () => {
    const { workspace, order, until, slots, state, start } = taking
    const { ending, breaker } = state
    for (;;) {
      if (ending.aborted) return E.right({ ended: 'told' })
      const waitMs = breaker.waitMs()
      if (waitMs > 0) {
        await pause(waitMs, ending)
        continue
      }
      // If no place is left, a running task may still find no next one and return its place.
      if (state.runningCount() >= slots || !state.reserve()) {
        if (state.runningCount() === 0) return E.right({ ended: 'max_tasks' })
        await state.oneEnded()
        continue
      }
      const claimed = await claimWhenReady(workspace, order, { signal: ending }, givesUp(order, until))()
      if (E.isRight(claimed)) {
        breaker.taken()
        for (const task of claimed.right.tasks) start(claimedTask(task))
        continue
      }
      state.giveBack()
      const no = claimed.left
      if ('error' in no) return no.error === 'no_ready_task' ? E.right({ ended: until, none: no }) : E.left(no)
      if (no.failure === 'Aborted' || no.failure === 'WaitTimeout') continue
      if (isFatal(no)) return E.left(no)
      state.emit({ event: 'delayed', failure: no })
      // Other processes release the lock; a disk or limit that fails may keep failing.
      if (no.failure !== 'IoFailed') await pause(pauseAfterFailureMs, ending)
      else if (isBroken(taking)) return E.left(no)
    }
  }

/** Counts a failure; while other work is running, the resources that it uses may become free. */
const isBroken = ({ state, failuresMax }: Taking): boolean => {
  state.breaker.failed()
  return state.breaker.failures() >= failuresMax && state.runningCount() === 0
}

/** Returns when a worker that finds nothing ready stops waiting. */
const givesUp = ({ kinds }: ClaimOrder, until: Taking['until']): GiveUp => {
  switch (until) {
    case 'told':
      return () => false
    case 'unready':
      return () => true
    case 'empty':
      return (state, now) => {
        const { pending, blocked } = workLeft(state, kinds, now)
        return pending + blocked === 0
      }
  }
}
