import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { isSameJson, type Json } from '@claimlog/codecs'
import { findTask, isLapseError, type Refusal, type State, type Task, type TaskId } from '@claimlog/domain'
import { type ClaimedTask, type ClaimView, claimView } from '@claimlog/wire'
import type { TransactFailure } from '@claimlog/event-log'
import { ClaimlogError, type Failure, refusalWords } from '@claimlog/messages'
import type { Order } from '@claimlog/workspace'
import { callIn } from './call-in.ts'
import { renewInTime } from './renewals.ts'
import { type HeldTask, WorkStopped } from './work-handler.ts'
import type { WorkerEvent } from './worker-event.ts'

/** A claim that is to last longer. */
type Renewal = Omit<Extract<Order, { command: 'renew' }>, 'command' | 'by' | 'requestId'>

export type HoldingOptions<F extends Failure = TransactFailure> = {
  /** Renews the claim, and answers it as it is then. */
  readonly renew: (renewal: Renewal) => TE.TaskEither<Refusal | F, ClaimView | undefined>
  /** Looks at the state as it is. */
  readonly query: (look: (state: State) => void) => TE.TaskEither<unknown, void>
  /** How long each renewal makes the claim last; undefined: as the task or the workspace says. */
  readonly leaseMs?: number | null
  /** How long the work may take. */
  readonly timeoutMs?: number
  readonly emit: (event: WorkerEvent) => void
  /** A renewal failed. */
  readonly failed: (failure: F) => void
  /** A renewal failed, and is tried again. */
  readonly delayed: (failure: F, taskId: TaskId) => void
  /** A renewal threw, which is a defect. */
  readonly threw: (defect: unknown) => void
}

/**
 * A worker's hold on one task, from the claim to its settling:
 *
 * ```
 *   holding ──the work ends──► settled by its outcome
 *      ├──refused a renewal, or somebody else has it──► lost      nothing is settled
 *      ├──the time is up──► timed out                             settled as failed
 *      └──the worker must end──► told                             released
 * ```
 */
export type Holding = {
  readonly held: HeldTask
  /** Why the work was stopped; undefined: it was not. */
  readonly stopped: () => WorkStopped | undefined
  /** Has the work stop at once. */
  readonly stop: (why: WorkStopped) => void
  /** Looks whether the claim is still ours, and how far somebody says it is. */
  readonly look: (state: State) => void
  /** The work has ended: nothing is renewed any more. */
  readonly end: () => void
}

/** Holds a task that was claimed just now: renews its lease in time, and stops the work where it must. */
export const holding = <F extends Failure>(options: HoldingOptions<F>, { task, claim }: ClaimedTask): Holding => {
  const { timeoutMs, emit } = options
  const { worker, token } = claim
  const stopping = new AbortController()
  let stopped: WorkStopped | undefined
  let progress: Json | undefined
  const end = (): void => {
    renewals.end()
    limit?.cancel()
  }
  const stop = (why: WorkStopped): void => {
    if (stopped !== undefined) return
    stopped = why
    end()
    stopping.abort(why)
  }
  const limit = timeoutMs === undefined ? undefined : callIn(timeoutMs, () => stop(timedOut(timeoutMs)))

  const renewal = { worker, taskId: task.id, token, leaseMs: options.leaseMs }
  const renew = async (more?: Json): Promise<Refusal | F | undefined> => {
    const renewed = await options.renew({ ...renewal, progress: more })()
    if (E.isRight(renewed)) {
      if (renewed.right !== undefined) renewals.note(renewed.right.lease_until)
      return undefined
    }
    const no = renewed.left
    if (!isRefusal(no)) options.failed(no)
    else if (isOver(no)) await lookAgain(refusalWords(no).message)
    return no
  }

  const lookAgain = async (why: string): Promise<void> => {
    const looked = await options.query(look)()
    if (E.isLeft(looked) || !renewals.hasEnded()) stop(lost(why))
  }

  const renewals = renewInTime(claim, async () => {
    try {
      const no = await renew()
      if (no !== undefined && !isRefusal(no) && !renewals.hasEnded()) options.delayed(no, task.id)
      return no === undefined
    } catch (defect) {
      options.threw(defect)
      return false
    }
  })

  const look = (state: State): void => {
    const now = findTask(state, task.id)
    if (stopped !== undefined || now === undefined) return
    // The work has settled its own claim, and comes to its end: what it answers then is what was said already.
    if (isSettledUnder(token, now)) return renewals.end()
    if (now.claim?.token !== token) return stop(lost(whyOver(now.claim?.worker, now.status)))
    if (now.claim.progress === undefined || isSameJson(now.claim.progress, progress)) return
    progress = now.claim.progress
    emit({ event: 'progressed', taskId: task.id, claim: { ...claimView(now.claim, state.clock), progress } })
  }
  const sayProgress = async (more: Json): Promise<void> => {
    if (stopped !== undefined) throw stopped
    const no = await renew(more)
    if (stopped !== undefined) throw stopped as WorkStopped
    if (no !== undefined) throw new ClaimlogError(no)
  }
  const held = { task, claim, signal: stopping.signal, progress: sayProgress }
  return { held, stopped: () => stopped, stop, look, end }
}

const isRefusal = (no: Refusal | Failure): no is Refusal => 'error' in no

/** How it is said that the claim of `taskId` is no longer the worker's. */
const lost = (message: string): WorkStopped => new WorkStopped('lost', message)

/** Why work stops that a worker which is to end at once has. */
export const toldToStop = (): WorkStopped => new WorkStopped('told', 'the worker was told to stop')

const timedOut = (ms: number): WorkStopped => new WorkStopped('timed_out', `timed out after ${ms} ms`)

const whyOver = (holder: string | undefined, status: string): string =>
  holder === undefined ? `the claim was ended meanwhile: the task is ${status}` : `${holder} has it since`

/** Whether the claim under `token` was completed or failed by its holder's own word, which a lapse is not. */
const isSettledUnder = (token: number, { claim, settled }: Task): boolean => {
  if (claim !== undefined || settled?.token !== token || settled.event === 'released') return false
  return settled.error === undefined || !isLapseError(settled.error)
}

/** Whether a refused renewal means that there is nothing left to hold: others may only have taken the places of its kind. */
const isOver = ({ error }: Refusal): boolean => error !== 'kind_full' && error !== 'bad_input'
