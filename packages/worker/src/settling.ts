import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refusal } from '@claimlog/domain'
import type { TransactFailure } from '@claimlog/event-log'
import type { ClaimedTask } from '@claimlog/wire'
import { type Answer, type Order, pause, type Workspace } from '@claimlog/workspace'
import { failureWords, refusalWords } from '@claimlog/messages'
import { isFatal } from './fatal.ts'
import type { WorkOutcome, WorkStopped } from './work-handler.ts'

/** The tasks to claim when a result is reported. */
export type Next = { readonly kinds: ReadonlyArray<string>; readonly leaseMs?: number | null }

export type SettlingOptions = {
  readonly workspace: Workspace
  /** Called with each failure before a retry. */
  readonly delayed: (failure: TransactFailure) => void
  /** True if the worker is being stopped, and must not retry for long. */
  readonly isHurried: () => boolean
}

type Settling = Extract<Order, { command: 'complete' | 'fail' | 'release' }>

const firstPauseMs = 200
const longestPauseMs = 5000
const triesInAHurry = 3

/** A longer error message is of no use. */
const maxErrorLength = 16 * 1024

/**
 * Returns the command that ends a claim with the outcome of the work, or the reason why it was stopped, and claims the
 * `next` task.
 */
export const settlingOrder = (
  { task, claim }: ClaimedTask,
  outcome: WorkOutcome,
  stopped: WorkStopped | undefined,
  next: Next | undefined,
): Settling => {
  const holder = { worker: claim.worker, taskId: task.id, token: claim.token }
  if (stopped?.stopped === 'told') return { command: 'release', ...holder, reason: 'the worker was stopped' }
  const isOwn = stopped === undefined || outcome.outcome === 'worker_failed'
  const said: WorkOutcome = isOwn ? outcome : { outcome: 'failed', error: stopped.message }
  switch (said.outcome) {
    case 'completed':
      return { command: 'complete', ...holder, result: said.result, claimNext: next }
    case 'failed':
      return { command: 'fail', ...holder, error: sayable(said.error), retryInMs: said.retryInMs, claimNext: next }
    case 'released':
      return { command: 'release', ...holder, reason: said.reason === undefined ? undefined : sayable(said.reason) }
    case 'worker_failed':
      return { command: 'release', ...holder, reason: sayable(`the worker ${failureWords(said.failure).message}`) }
  }
}

/** A text that the log accepts: lone surrogates are replaced, and of a long text the end is kept. */
const sayable = (text: string): string => Buffer.from(text.slice(-maxErrorLength)).toString()

/**
 * Ends a claim, and retries while failures may be temporary: the work is done. A result that the log cannot store fails
 * the attempt, and an invalid time of the next attempt is left to the task; the error says so.
 */
export const settle =
  (options: SettlingOptions, order: Settling): TE.TaskEither<Refusal | TransactFailure, Answer> =>
  async () => {
    const { workspace, delayed, isHurried } = options
    for (let tries = 1; ; tries += 1) {
      const settled = await workspace.run(order)()
      if (E.isRight(settled)) return settled
      const no = settled.left
      if (order.command === 'complete' && isUnfit(no)) return settle(options, failing(order, no))()
      if (order.command === 'fail' && order.retryInMs !== undefined && isUnfit(no))
        return settle(options, { ...order, retryInMs: undefined, error: sayable(`${order.error} (${wordsOf(no)})`) })()
      if ('error' in no || isFatal(no) || no.failure === 'TooLarge') return settled
      if (isHurried() && tries >= triesInAHurry) return settled
      delayed(no)
      await pause(Math.min(firstPauseMs * tries, longestPauseMs))
    }
  }

/** True if the content of the command is what the log cannot store. */
const isUnfit = (no: Refusal | TransactFailure): boolean =>
  'error' in no ? no.error === 'bad_input' : no.failure === 'TooLarge'

const failing = (
  { worker, taskId, token, claimNext }: Extract<Settling, { command: 'complete' }>,
  no: Refusal | TransactFailure,
): Settling => ({
  command: 'fail',
  worker,
  taskId,
  token,
  error: `the result cannot be stored: ${wordsOf(no)}`,
  claimNext,
})

const wordsOf = (no: Refusal | TransactFailure): string => ('error' in no ? refusalWords(no) : failureWords(no)).message
