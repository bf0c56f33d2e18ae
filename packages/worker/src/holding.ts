import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { isSameJson, type Json } from '@claimlog/codecs'
import { findTask, isExpiryError, type Refusal, type State, type Task, type TaskId } from '@claimlog/domain'
import { type ClaimedTask, type ClaimView, claimView } from '@claimlog/wire'
import type { TransactFailure } from '@claimlog/event-log'
import { ClaimlogError, type Failure, refusalWords } from '@claimlog/messages'
import type { Order } from '@claimlog/workspace'
import { callIn } from './call-in.ts'
import { renewInTime } from './renewals.ts'
import { type HeldTask, WorkStopped } from './work-handler.ts'
import type { WorkerEvent } from './worker-event.ts'

/** A renewal of a claim. */
type Renewal = Omit<Extract<Order, { command: 'renew' }>, 'command' | 'by' | 'requestId'>

export type HoldingOptions<F extends Failure = TransactFailure> = {
  /** Renews the claim, and returns it as renewed. */
  readonly renew: (renewal: Renewal) => TE.TaskEither<Refusal | F, ClaimView | undefined>
  /** Runs `check` on the current state. */
  readonly query: (look: (state: State) => void) => TE.TaskEither<unknown, void>
  /** The lease after each renewal; default: that of the task or the workspace. */
  readonly leaseMs?: number | null
  /** Time limit of the work. */
  readonly timeoutMs?: number
  readonly emit: (event: WorkerEvent) => void
  /** Called if a renewal failed. */
  readonly failed: (failure: F) => void
  /** Called if a renewal failed and will be retried. */
  readonly delayed: (failure: F, taskId: TaskId) => void
  /** Called if a renewal threw, which is a defect. */
  readonly threw: (defect: unknown) => void
}

/**
 * The claim of a worker on one task, until the result is reported:
 *
 * ```
 *   holding ──the work ends──► reported as its outcome
 *      ├──a renewal is refused, or another worker has the task──► lost   nothing is reported
 *      ├──the time is up──► timed out                                    reported as failed
 *      └──the worker must stop──► told                                   released
 * ```
 */
export type Holding = {
  readonly held: HeldTask
  /** Why the work was stopped; undefined: it was not. */
  readonly stopped: () => WorkStopped | undefined
  /** Stops the work at once. */
  readonly stop: (why: WorkStopped) => void
  /** Checks if the claim is still the worker's, and emits new progress. */
  readonly look: (state: State) => void
  /** Ends the renewals, because the work has ended. */
  readonly end: () => void
}

/** Keeps the claim of a task: renews its lease in time, and stops the work if necessary. */
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
    // The work has ended its own claim, and is about to return: its outcome has already been recorded.
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

const lost = (message: string): WorkStopped => new WorkStopped('lost', message)

/** Stops the work of a worker that must stop at once. */
export const toldToStop = (): WorkStopped => new WorkStopped('told', 'the worker was stopped')

const timedOut = (ms: number): WorkStopped => new WorkStopped('timed_out', `timed out after ${ms} ms`)

const whyOver = (holder: string | undefined, status: string): string =>
  holder === undefined ? `the claim has ended: the task is ${status}` : `the task is now claimed by ${holder}`

/** True if the claim under `token` was completed or failed by its holder; an expired claim was not. */
const isSettledUnder = (token: number, { claim, lastClaimEnd }: Task): boolean => {
  if (claim !== undefined || lastClaimEnd?.token !== token || lastClaimEnd.event === 'released') return false
  return lastClaimEnd.error === undefined || !isExpiryError(lastClaimEnd.error)
}

/** True if a refused renewal means that the claim is lost; with `kind_full` or `bad_input` it may still be valid. */
const isOver = ({ error }: Refusal): boolean => error !== 'kind_full' && error !== 'bad_input'
