import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { isSameJson, type Json } from '@claimlog/codecs'
import { findTask, isExpiryError, type Refusal, type State, type Task, type TaskId } from '@claimlog/domain'
import { type ClaimedTask, type ClaimView, claimView } from '@claimlog/wire'
import type { TransactFailure } from '@claimlog/event-log'
import { ClaimlogError, type Failure } from '@claimlog/messages'
import type { CommandInput } from '@claimlog/workspace'
import { startTimer } from './long-timer.ts'
import { scheduleRenewals } from './renewal-timer.ts'
import { type HandlerContext, WorkStopped } from './work-handler.ts'
import type { WorkerEvent } from './worker-event.ts'

/** A renewal of a claim. */
type Renewal = Omit<Extract<CommandInput, { command: 'renew' }>, 'command' | 'by' | 'requestId'>

export type LeaseKeeperOptions<F extends Failure = TransactFailure> = {
  /** Renews the claim, and returns it as renewed. */
  readonly renew: (renewal: Renewal) => TE.TaskEither<Refusal | F, ClaimView | undefined>
  /** Runs `check` on the current state. */
  readonly query: (check: (state: State) => void) => TE.TaskEither<unknown, void>
  /** The time of the log, in milliseconds since the epoch. */
  readonly now: () => number
  /** The lease after each renewal; default: that of the task or the workspace. */
  readonly leaseMs?: number | null
  /** Time limit of the work. */
  readonly timeoutMs?: number
  readonly emit: (event: WorkerEvent) => void
  /** Called if a renewal failed. */
  readonly onFailure: (failure: F) => void
  /** Called if a renewal failed and will be retried. */
  readonly onDelay: (failure: F, taskId: TaskId) => void
  /** Called if a renewal threw, which is a defect. */
  readonly onDefect: (defect: unknown) => void
}

/**
 * The claim of a worker on one task, until the result is reported:
 *
 * ```
 *   kept ──the work ends──► reported as its outcome
 *    ├──a renewal is refused, or another worker has the task──► lost   nothing is reported
 *    ├──the time is up──► timed out                                    reported as failed
 *    └──the worker must stop──► stopped                                released
 * ```
 */
export type LeaseKeeper = {
  readonly context: HandlerContext
  /** Why the work was stopped; undefined: it was not. */
  readonly stopped: () => WorkStopped | undefined
  /** Stops the work at once. */
  readonly stop: (reason: WorkStopped) => void
  /** Checks if the claim is still the worker's, and emits new progress. */
  readonly check: (state: State) => void
  /** Ends the renewals, because the work has ended. */
  readonly end: () => void
}

/** Keeps the claim of a task: renews its lease in time, and stops the work if necessary. */
export const keepLease = <F extends Failure>(
  options: LeaseKeeperOptions<F>,
  { task, claim }: ClaimedTask,
): LeaseKeeper => {
  const { timeoutMs, emit } = options
  const { worker, token } = claim
  const stopController = new AbortController()
  let stopped: WorkStopped | undefined
  let progress: Json | undefined
  const end = (): void => {
    renewals.end()
    timeLimit?.cancel()
  }
  const stop = (reason: WorkStopped): void => {
    if (stopped !== undefined) return
    stopped = reason
    end()
    stopController.abort(reason)
  }
  const timeLimit = timeoutMs === undefined ? undefined : startTimer(timeoutMs, () => stop(stoppedByTimeout(timeoutMs)))

  const renewal = { worker, taskId: task.id, token, leaseMs: options.leaseMs }
  const renew = async (progressValue?: Json): Promise<Refusal | F | undefined> => {
    const renewResult = await options.renew({ ...renewal, progress: progressValue })()
    if (E.isRight(renewResult)) {
      if (renewResult.right !== undefined) renewals.recordLease(renewResult.right.leaseUntil)
      return undefined
    }
    const error = renewResult.left
    if (!isRefusal(error)) options.onFailure(error)
    else if (isClaimLost(error)) await checkAgain(new ClaimlogError(error))
    return error
  }

  const checkAgain = async (refused: ClaimlogError): Promise<void> => {
    const checkResult = await options.query(check)()
    if (E.isLeft(checkResult) || !renewals.hasEnded()) stop(stoppedByLoss(refused.message, { cause: refused }))
  }

  const renewals = scheduleRenewals(claim.leaseUntil, options.now, async () => {
    try {
      const error = await renew()
      if (error !== undefined && !isRefusal(error) && !renewals.hasEnded()) options.onDelay(error, task.id)
      return error === undefined
    } catch (defect) {
      options.onDefect(defect)
      return false
    }
  })

  const check = (state: State): void => {
    const currentTask = findTask(state, task.id)
    if (stopped !== undefined || currentTask === undefined) return
    // The work has ended its own claim, and is about to return: its outcome has already been recorded.
    if (isEndedByHolder(token, currentTask)) return renewals.end()
    if (currentTask.claim?.token !== token)
      return stop(stoppedByLoss(explainLoss(currentTask.claim?.worker, currentTask.status)))
    if (currentTask.claim.progress === undefined || isSameJson(currentTask.claim.progress, progress)) return
    progress = currentTask.claim.progress
    emit({ event: 'progressed', taskId: task.id, claim: { ...claimView(currentTask.claim, state.clock), progress } })
  }
  const recordProgress = async (progressValue: Json): Promise<void> => {
    if (stopped !== undefined) throw stopped
    const error = await renew(progressValue)
    if (stopped !== undefined) throw stopped as WorkStopped
    if (error !== undefined) throw new ClaimlogError(error)
  }
  const context = { task, claim, signal: stopController.signal, progress: recordProgress }
  return { context, stopped: () => stopped, stop, check, end }
}

const isRefusal = (error: Refusal | Failure): error is Refusal => 'error' in error

const stoppedByLoss = (message: string, options?: ErrorOptions): WorkStopped =>
  new WorkStopped('lost', message, options)

/** Stops the work of a worker that must stop at once, and why, if it is known. */
export const stoppedByWorker = (cause: unknown): WorkStopped =>
  new WorkStopped('stopped', 'the worker was stopped', cause === undefined ? undefined : { cause })

const stoppedByTimeout = (ms: number): WorkStopped => new WorkStopped('timed_out', `timed out after ${ms} ms`)

const explainLoss = (holder: string | undefined, status: string): string =>
  holder === undefined ? `the claim has ended: the task is ${status}` : `the task is now claimed by ${holder}`

/** True if the claim under `token` was completed or failed by its holder; an expired claim was not. */
const isEndedByHolder = (token: number, { claim, lastClaimEnd }: Task): boolean => {
  if (claim !== undefined || lastClaimEnd?.token !== token || lastClaimEnd.event === 'released') return false
  return lastClaimEnd.error === undefined || !isExpiryError(lastClaimEnd.error)
}

/** True if a refused renewal means that the claim is lost; with `kind_full` or `bad_input` it may still be valid. */
const isClaimLost = ({ error }: Refusal): boolean => error !== 'kind_full' && error !== 'bad_input'
