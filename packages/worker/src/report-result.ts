import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refusal } from '@claimlog/domain'
import type { TransactFailure } from '@claimlog/event-log'
import type { ClaimedTask } from '@claimlog/wire'
import { type CommandResult, type CommandInput, pause, type Workspace } from '@claimlog/workspace'
import { failureMessage, refusalMessage } from '@claimlog/messages'
import { isFatal } from './is-fatal.ts'
import { stackText } from './thrown-error.ts'
import type { WorkOutcome, WorkStopped } from './work-handler.ts'

/** The tasks to claim when a result is reported. */
export type NextClaim = { readonly kinds: ReadonlyArray<string>; readonly leaseMs?: number | null }

export type ResultReportOptions = {
  readonly workspace: Workspace
  /** Called with each failure before a retry. */
  readonly onDelay: (failure: TransactFailure) => void
  /** True if the worker is being stopped, and must not retry for long. */
  readonly isAborting: () => boolean
}

type ResultCommand = Extract<CommandInput, { command: 'complete' | 'fail' | 'release' }>

const pauseMsMin = 200
const pauseMsMax = 5000
const triesMaxWhenAborting = 3

/** A longer error message is of no use. */
const errorLengthMax = 16 * 1024

/**
 * Returns the outcome to report: that of the work, unless it was stopped. Work whose time was up has failed, because of
 * what it threw then: its stack shows where it was.
 */
export const toReportedOutcome = (outcome: WorkOutcome, stopped: WorkStopped | undefined): WorkOutcome => {
  if (stopped?.stopped === 'stopped') return { outcome: 'released', reason: stopped.message }
  if (stopped === undefined || outcome.outcome === 'worker_failed') return outcome
  const cause = outcome.outcome === 'failed' ? outcome.cause : undefined
  return { outcome: 'failed', error: stopped.message, cause: cause ?? stopped }
}

/** Returns the command that ends a claim with this outcome, and claims the `next` task. */
export const toResultCommand = (
  { task, claim }: ClaimedTask,
  outcome: WorkOutcome,
  next: NextClaim | undefined,
): ResultCommand => {
  const holder = { worker: claim.worker, taskId: task.id, token: claim.token }
  switch (outcome.outcome) {
    case 'completed':
      return { command: 'complete', ...holder, result: outcome.result, claimNext: next }
    case 'failed':
      return {
        command: 'fail',
        ...holder,
        error: toLogText(outcome.error),
        stack: stackText(outcome.cause),
        retryInMs: outcome.retryInMs,
        claimNext: next,
      }
    case 'released':
      return {
        command: 'release',
        ...holder,
        reason: outcome.reason === undefined ? undefined : toLogText(outcome.reason),
      }
    case 'worker_failed':
      return {
        command: 'release',
        ...holder,
        reason: toLogText(`the worker ${failureMessage(outcome.failure).message}`),
      }
  }
}

/** A text that the log accepts: lone surrogates are replaced, and of a long text the end is kept. */
const toLogText = (text: string): string => Buffer.from(text.slice(-errorLengthMax)).toString()

/**
 * Ends a claim, and retries while failures may be temporary: the work is done. A result that the log cannot store fails
 * the attempt, and an invalid time of the next attempt is left to the task; the error says so.
 */
export const reportResult =
  (options: ResultReportOptions, input: ResultCommand): TE.TaskEither<Refusal | TransactFailure, CommandResult> =>
  async () => {
    const { workspace, onDelay, isAborting } = options
    for (let tries = 1; ; tries += 1) {
      const result = await workspace.run(input)()
      if (E.isRight(result)) return result
      const error = result.left
      if (input.command === 'complete' && isRejectedContent(error))
        return reportResult(options, toFailCommand(input, error))()
      if (input.command === 'fail' && input.retryInMs !== undefined && isRejectedContent(error))
        return reportResult(options, {
          ...input,
          retryInMs: undefined,
          error: toLogText(`${input.error} (${messageText(error)})`),
        })()
      if ('error' in error || isFatal(error) || error.failure === 'TooLarge') return result
      if (isAborting() && tries >= triesMaxWhenAborting) return result
      onDelay(error)
      await pause(Math.min(pauseMsMin * tries, pauseMsMax))
    }
  }

/** True if the content of the command is what the log cannot store. */
const isRejectedContent = (error: Refusal | TransactFailure): boolean =>
  'error' in error ? error.error === 'bad_input' : error.failure === 'TooLarge'

const toFailCommand = (
  { worker, taskId, token, claimNext }: Extract<ResultCommand, { command: 'complete' }>,
  error: Refusal | TransactFailure,
): ResultCommand => ({
  command: 'fail',
  worker,
  taskId,
  token,
  error: `the result cannot be stored: ${messageText(error)}`,
  claimNext,
})

const messageText = (error: Refusal | TransactFailure): string =>
  ('error' in error ? refusalMessage(error) : failureMessage(error)).message
