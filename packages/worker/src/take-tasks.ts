import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type NoReadyTask, type Refusal, workLeft } from '@claimlog/domain'
import type { TransactFailure } from '@claimlog/event-log'
import type { ClaimedTask } from '@claimlog/wire'
import { claimedTask, type ClaimOrder, claimWhenReady, type GiveUp, pause, type Workspace } from '@claimlog/workspace'
import { isFatal } from './fatal.ts'
import type { WorkerState } from './worker-state.ts'

/** Why a worker ended: it was told to, nothing was left to do, nothing was ready, or it has taken as many as it should. */
export type Ended = 'told' | 'empty' | 'unready' | 'max_tasks'

/** How a worker ended; `none`: why there was nothing to take, where that ended it. */
export type Ending = { readonly ended: Ended; readonly none?: NoReadyTask }

/** A worker that looks for work wherever it has a slot free. */
export type Taking = {
  readonly workspace: Workspace
  readonly order: ClaimOrder
  readonly until: 'told' | 'empty' | 'unready'
  readonly slots: number
  readonly failuresMax: number
  readonly state: WorkerState
  /** Begins the work on a task; a slot is free again when it ends. */
  readonly start: (claimed: ClaimedTask) => void
}

const pauseAfterFailureMs = 1000

/** Claims tasks and starts them, and waits for the next one, until the worker is to take no more. */
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
      // Where nothing is left to take, one that runs may still find none and give its place back.
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
      // Others that have the lock let it go; a disk or a limit that says no may go on to.
      if (no.failure !== 'IoFailed') await pause(pauseAfterFailureMs, ending)
      else if (isBroken(taking)) return E.left(no)
    }
  }

/** Counts a failure; while other work goes on, what it uses may come free. */
const isBroken = ({ state, failuresMax }: Taking): boolean => {
  state.breaker.failed()
  return state.breaker.failures() >= failuresMax && state.runningCount() === 0
}

/** When a worker that finds nothing ready does not wait for more. */
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
