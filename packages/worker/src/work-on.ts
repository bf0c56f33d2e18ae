import * as E from 'fp-ts/lib/Either.js'
import type { ClaimedTask } from '@claimlog/wire'
import { type Answer, claimedTask, type Workspace } from '@claimlog/workspace'
import { ClaimlogError, refusalWords } from '@claimlog/messages'
import { type Holding, holding, type HoldingOptions } from './holding.ts'
import { type Next, settle, settlingOrder } from './settling.ts'
import type { WorkHandler, WorkOutcome, WorkerTrouble, WorkStopped } from './work-handler.ts'
import type { WorkerEvent } from './worker-event.ts'
import type { WorkerState } from './worker-state.ts'

/** The shared context of a worker's tasks. */
export type Slot = {
  readonly workspace: Workspace
  readonly state: WorkerState
  readonly held: HoldingOptions
  readonly handler: WorkHandler
  readonly next: Next
  /** Number of failures in a row of the worker's own part after which it ends. */
  readonly failuresMax: number
}

/** Works on a task, and on each next task claimed with its result; resolves when there is no next one. */
export const workOn = async (slot: Slot, first: ClaimedTask): Promise<void> => {
  for (let claimed: ClaimedTask | undefined = first; claimed !== undefined;) claimed = await workOnOne(slot, claimed)
}

const workOnOne = async (slot: Slot, claimed: ClaimedTask): Promise<ClaimedTask | undefined> => {
  const startedAt = process.uptime()
  const { state } = slot
  const { emit } = state
  emit({ event: 'claimed', ...claimed })
  const hold = holding(slot.held, claimed)
  const outcome = await outcomeOf(slot, hold)
  const stopped = hold.stopped()
  const tookMs = Math.round((process.uptime() - startedAt) * 1000)
  const about = { claim: claimed.claim, tookMs }
  if (stopped?.stopped === 'lost') {
    emit({ event: 'lost', taskId: claimed.task.id, why: stopped.message, ...about })
    return undefined
  }
  noteOutcome(state, claimed, outcome, stopped)
  const takesNext = takesNextAfter(outcome, stopped) && state.reserve()
  const order = settlingOrder(claimed, outcome, stopped, takesNext ? slot.next : undefined)
  const settled = await settle(settlingOptions(slot, claimed), order)()
  const next = E.isRight(settled) ? settled.right.next : undefined
  if (takesNext && next === undefined) state.giveBack()
  if (E.isRight(settled)) emit(settledEvent(settled.right, claimed, about))
  else if ('failure' in settled.left) state.fail(settled.left)
  else emit({ event: 'lost', taskId: claimed.task.id, why: refusalWords(settled.left).message, ...about })
  if (outcome.outcome === 'worker_failed') endIfBroken(slot, outcome.failure)
  return next === undefined ? undefined : claimedTask(next)
}

const takesNextAfter = ({ outcome }: WorkOutcome, stopped: WorkStopped | undefined): boolean =>
  stopped?.stopped !== 'told' && (outcome === 'completed' || outcome === 'failed')

/** Updates the circuit breaker with the outcome. */
const noteOutcome = (
  { breaker, giveBack, emit }: WorkerState,
  { task }: ClaimedTask,
  outcome: WorkOutcome,
  stopped: WorkStopped | undefined,
): void => {
  switch (outcome.outcome) {
    case 'worker_failed':
      breaker.failed()
      giveBack()
      return emit({ event: 'delayed', failure: outcome.failure, taskId: task.id })
    case 'released':
      return stopped === undefined ? breaker.released() : undefined
    case 'completed':
    case 'failed':
      return breaker.succeeded()
  }
}

/** Other running work may free the resources that it uses: the worker ends only if none is running. */
const endIfBroken = ({ state, failuresMax }: Slot, trouble: WorkerTrouble): void => {
  const tries = state.breaker.failures()
  if (tries < failuresMax || state.holdings.size > 0) return
  state.fail(trouble.failure === 'WorkerFailed' && tries > 1 ? { ...trouble, tries } : trouble)
}

const outcomeOf = async (slot: Slot, hold: Holding): Promise<WorkOutcome> => {
  slot.state.hold(hold)
  try {
    return hold.stopped() === undefined ? await slot.handler(hold.held) : { outcome: 'released' }
  } catch (thrown) {
    const trouble = troubleIn(thrown)
    if (trouble !== undefined) return { outcome: 'worker_failed', failure: trouble }
    return { outcome: 'failed', error: textOf(thrown) }
  } finally {
    hold.end()
    slot.state.letGo(hold)
  }
}

/** The error message. Anything can be thrown: objects without a prototype, errors whose message is not a string. */
const textOf = (thrown: unknown): string => {
  try {
    return thrown instanceof Error ? String(thrown.message || thrown.name) : String(thrown)
  } catch {
    return 'the handler threw a value that cannot be converted to text'
  }
}

/** The failure of the log that a handler which used the queue rethrew; undefined: the error is the handler's own. */
const troubleIn = (thrown: unknown): WorkerTrouble | undefined => {
  if (!ClaimlogError.is(thrown) || !('failure' in thrown.cause)) return undefined
  const { cause } = thrown
  switch (cause.failure) {
    case 'LockTimeout':
    case 'IoFailed':
    case 'OutcomeUnknown':
    case 'LogDamaged':
    case 'HistoryChanged':
    case 'Closed':
    case 'UnknownFormat':
    case 'NoLog':
    case 'WorkerFailed':
      return cause
    case 'TooLarge':
    case 'SeqConflict':
    case 'NetworkFileSystem':
    case 'AccessDenied':
    case 'NotAWorkspace':
    case 'NoWorkingDirectory':
    case 'NoWorkspace':
    case 'WaitTimeout':
    case 'Aborted':
      return undefined
  }
}

const settlingOptions = ({ workspace, state }: Slot, { task }: ClaimedTask): Parameters<typeof settle>[0] => ({
  workspace,
  delayed: failure => state.emit({ event: 'delayed', failure, taskId: task.id }),
  isHurried: state.isHurried,
})

/** The end of the claim according to the log: a result that could not be stored has failed. */
const settledEvent = (
  { tasks }: Answer,
  { task, claim }: ClaimedTask,
  about: { readonly tookMs: number },
): WorkerEvent => {
  const left = tasks[0]?.task ?? task
  const event = left.status === 'done' ? 'completed' : left.error !== undefined ? 'failed' : 'released'
  return { event, task: left, claim, ...about }
}
