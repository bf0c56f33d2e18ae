import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refusal } from '@claimlog/domain'
import type { TransactFailure } from '@claimlog/event-log'
import type { ClaimedTask } from '@claimlog/wire'
import { type Answer, type Order, pause, type Workspace } from '@claimlog/workspace'
import { failureWords, refusalWords } from '@claimlog/messages'
import { isFatal } from './fatal.ts'
import type { WorkOutcome, WorkStopped } from './work-handler.ts'

/** What is wanted next by a worker that settles a claim. */
export type Next = { readonly kinds: ReadonlyArray<string>; readonly leaseMs?: number | null }

export type SettlingOptions = {
  readonly workspace: Workspace
  /** Told of what came in between, before it is tried again. */
  readonly delayed: (failure: TransactFailure) => void
  /** Whether to try no longer. */
  readonly isHurried: () => boolean
}

type Settling = Extract<Order, { command: 'complete' | 'fail' | 'release' }>

const firstPauseMs = 200
const longestPauseMs = 5000
const triesInAHurry = 3

/** More than this of an error tells nobody more. */
const maxErrorLength = 16 * 1024

/** The order that ends a claim by what came of the work, or by why it was stopped, and asks for the `next` task with it. */
export const settlingOrder = (
  { task, claim }: ClaimedTask,
  outcome: WorkOutcome,
  stopped: WorkStopped | undefined,
  next: Next | undefined,
): Settling => {
  const holder = { worker: claim.worker, taskId: task.id, token: claim.token }
  if (stopped?.stopped === 'told') return { command: 'release', ...holder, reason: 'the worker was told to stop' }
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

/** A text as the log takes it: lone surrogates replaced, and of a long one the end. */
const sayable = (text: string): string => Buffer.from(text.slice(-maxErrorLength)).toString()

/**
 * Settles a claim, and tries again for as long as what comes in between may pass: the work is done. A result that the log
 * cannot take fails the attempt, and a time of the next attempt that it cannot take is left to the task; the error says so.
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

/** Whether it is what is to be written that the log cannot take. */
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
  error: `its result cannot be kept: ${wordsOf(no)}`,
  claimNext,
})

const wordsOf = (no: Refusal | TransactFailure): string => ('error' in no ? refusalWords(no) : failureWords(no)).message
