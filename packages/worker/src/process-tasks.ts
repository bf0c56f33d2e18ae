import * as E from 'fp-ts/lib/Either.js'
import type { ClaimedTask } from '@claimlog/wire'
import { type CommandResult, toClaimedTask, type Workspace } from '@claimlog/workspace'
import { ClaimlogError, refusalMessage } from '@claimlog/messages'
import { type LeaseKeeper, keepLease, type LeaseKeeperOptions } from './lease-keeper.ts'
import { type NextClaim, reportResult, toReportedOutcome, toResultCommand } from './report-result.ts'
import { errorText } from './thrown-error.ts'
import type { WorkHandler, WorkOutcome, WorkerFailure, WorkStopped } from './work-handler.ts'
import type { WorkerEvent } from './worker-event.ts'
import type { WorkerState } from './worker-state.ts'

/** The shared context of a worker's tasks. */
export type WorkContext = {
  readonly workspace: Workspace
  readonly state: WorkerState
  readonly keeperOptions: LeaseKeeperOptions
  readonly handler: WorkHandler
  readonly next: NextClaim
  /** Number of failures in a row of the worker's own part after which it ends. */
  readonly failuresMax: number
}

/** Works on a task, and on each next task claimed with its result; resolves when there is no next one. */
export const processTasks = async (context: WorkContext, firstTask: ClaimedTask): Promise<void> => {
  for (let claimed: ClaimedTask | undefined = firstTask; claimed !== undefined;)
    claimed = await processTask(context, claimed)
}

const processTask = async (context: WorkContext, claimed: ClaimedTask): Promise<ClaimedTask | undefined> => {
  const startedAt = process.uptime()
  const { state } = context
  const { emit } = state
  emit({ event: 'claimed', ...claimed })
  const keeper = keepLease(context.keeperOptions, claimed)
  const outcome = await runHandler(context, keeper)
  const stopped = keeper.stopped()
  const tookMs = Math.round((process.uptime() - startedAt) * 1000)
  const claimTiming = { claim: claimed.claim, tookMs }
  if (stopped?.stopped === 'lost') {
    emit({ event: 'lost', taskId: claimed.task.id, why: stopped.message, ...claimTiming })
    return undefined
  }
  updateBreaker(state, claimed, outcome, stopped)
  const claimsNext = mayClaimNext(outcome, stopped) && state.reserve()
  const reportedOutcome = toReportedOutcome(outcome, stopped)
  const input = toResultCommand(claimed, reportedOutcome, claimsNext ? context.next : undefined)
  const result = await reportResult(reportOptions(context, claimed), input)()
  const next = E.isRight(result) ? result.right.next : undefined
  if (claimsNext && next === undefined) state.returnPlace()
  if (E.isRight(result)) emit(resultEvent(result.right, claimed, claimTiming, reportedOutcome))
  else if ('failure' in result.left) state.fail(result.left)
  else emit({ event: 'lost', taskId: claimed.task.id, why: refusalMessage(result.left).message, ...claimTiming })
  if (outcome.outcome === 'worker_failed') failIfBroken(context, outcome.failure)
  return next === undefined ? undefined : toClaimedTask(next)
}

const mayClaimNext = ({ outcome }: WorkOutcome, stopped: WorkStopped | undefined): boolean =>
  stopped?.stopped !== 'stopped' && (outcome === 'completed' || outcome === 'failed')

/** Updates the circuit breaker with the outcome. */
const updateBreaker = (
  { breaker, returnPlace, emit }: WorkerState,
  { task }: ClaimedTask,
  outcome: WorkOutcome,
  stopped: WorkStopped | undefined,
): void => {
  switch (outcome.outcome) {
    case 'worker_failed':
      breaker.recordFailure()
      returnPlace()
      return emit({ event: 'delayed', failure: outcome.failure, taskId: task.id })
    case 'released':
      return stopped === undefined ? breaker.recordRelease() : undefined
    case 'completed':
    case 'failed':
      return breaker.recordSuccess()
  }
}

/** Other running work may free the resources that it uses: the worker ends only if none is running. */
const failIfBroken = ({ state, failuresMax }: WorkContext, failure: WorkerFailure): void => {
  const tries = state.breaker.failureCount()
  if (tries < failuresMax || state.keepers.size > 0) return
  state.fail(failure.failure === 'WorkerFailed' && tries > 1 ? { ...failure, tries } : failure)
}

const runHandler = async (context: WorkContext, keeper: LeaseKeeper): Promise<WorkOutcome> => {
  context.state.addKeeper(keeper)
  try {
    return keeper.stopped() === undefined ? await context.handler(keeper.context) : { outcome: 'released' }
  } catch (thrown) {
    const failure = findWorkerFailure(thrown)
    if (failure !== undefined) return { outcome: 'worker_failed', failure }
    return { outcome: 'failed', error: errorText(thrown), cause: thrown }
  } finally {
    keeper.end()
    context.state.removeKeeper(keeper)
  }
}

/** The failure of the log that a handler which used the queue rethrew; undefined: the error is the handler's own. */
const findWorkerFailure = (thrown: unknown): WorkerFailure | undefined => {
  if (!ClaimlogError.is(thrown) || !('failure' in thrown.failure)) return undefined
  const { failure } = thrown
  switch (failure.failure) {
    case 'LockTimeout':
    case 'IoFailed':
    case 'OutcomeUnknown':
    case 'Unreachable':
    case 'Moved':
    case 'LogDamaged':
    case 'HistoryChanged':
    case 'Closed':
    case 'UnknownFormat':
    case 'NoLog':
    case 'WorkerFailed':
      return failure
    case 'TooLarge':
    case 'SeqConflict':
    case 'NetworkFileSystem':
    case 'AccessDenied':
    case 'NotAWorkspace':
    case 'NoWorkingDirectory':
    case 'NoWorkspace':
    case 'ConfigUnusable':
    case 'TwoLogs':
    case 'LogOnServer':
    case 'LogUrlUnusable':
    case 'WaitTimeout':
    case 'WrongUsage':
    case 'Aborted':
      return undefined
  }
}

const reportOptions = (
  { workspace, state }: WorkContext,
  { task }: ClaimedTask,
): Parameters<typeof reportResult>[0] => ({
  workspace,
  onDelay: failure => state.emit({ event: 'delayed', failure, taskId: task.id }),
  isAborting: state.isAborting,
})

/** The end of the claim according to the log: a result that could not be stored has failed. */
const resultEvent = (
  { tasks }: CommandResult,
  { task, claim }: ClaimedTask,
  claimTiming: { readonly tookMs: number },
  outcome: WorkOutcome,
): WorkerEvent => {
  const finalTask = tasks[0]?.task ?? task
  if (finalTask.status === 'done') return { event: 'completed', task: finalTask, claim, ...claimTiming }
  if (finalTask.error === undefined) return { event: 'released', task: finalTask, claim, ...claimTiming }
  const cause = outcome.outcome === 'failed' ? outcome.cause : undefined
  return { event: 'failed', task: finalTask, claim, ...claimTiming, cause }
}
