/** The commands of workers in the model of a queue. */
import { isSameJson } from '@claimlog/codecs'
import { computeBackoffMs } from '../../src/values/backoff.ts'
import {
  failExhausted,
  isBlocked,
  type CommandByName,
  ok,
  type ModelResult,
  type QueueModel,
  refuse,
  freeSlots,
  findTask,
  closedReason,
} from './model-state.ts'
import {
  defaults,
  type ModelHolder,
  isLive,
  isLastAttempt,
  loseClaim,
  type ModelClaim,
  type ModelTask,
  endClaim,
  startMs,
} from './model-task.ts'

export const claim = (model: QueueModel, command: CommandByName<'claim'>, now: number): ModelResult => {
  if (command.expectSeq !== undefined && command.expectSeq !== model.seq) return refuse('seq_conflict')
  if (command.taskId === undefined) return claimAny(model, command, now)
  return command.count === undefined ? claimById(model, command, now) : refuse('bad_input')
}

const claimAny = (model: QueueModel, command: CommandByName<'claim'>, now: number): ModelResult => {
  const requested = model.tasks.filter(
    ({ spec }) =>
      (command.kinds.length === 0 || command.kinds.includes(spec.kind)) &&
      closedReason(model, spec.kind, now) === undefined,
  )
  const claimable = requested.filter(
    task =>
      task.end === undefined &&
      !isBlocked(model, task) &&
      !isLive(task, now) &&
      !isLastAttempt(task) &&
      task.due <= now,
  )
  const selected: Array<ModelTask> = []
  for (const task of claimable.sort((a, b) => (a.spec.priority ?? 5) - (b.spec.priority ?? 5))) {
    const sameKind = selected.filter(({ spec }) => spec.kind === task.spec.kind).length
    if (selected.length < (command.count ?? 1) && sameKind < freeSlots(model, task.spec.kind, now)) selected.push(task)
  }
  // No other event would ever record that those failed.
  if (selected.length === 0) return { ...refuse('no_ready_task'), events: failExhausted(requested, now) }
  return claimTasks(model, selected, requested, command, now)
}

const claimById = (model: QueueModel, command: CommandByName<'claim'>, now: number): ModelResult => {
  const task = findTask(model, command.taskId ?? '')
  if (task === undefined) return refuse('unknown_task')
  const { kind } = task.spec
  if (isLive(task, now) && task.claim?.worker === command.worker) return ok([task.id], 0)
  if (command.kinds.length > 0 && !command.kinds.includes(kind)) return refuse('bad_input')
  if (task.end !== undefined) return refuse('task_finished')
  if (task.onHold) return refuse('task_held')
  if (isBlocked(model, task)) return refuse('task_blocked')
  if (isLive(task, now)) return refuse('already_claimed')
  if (isLastAttempt(task)) return refuse('attempts_used_up')
  if (task.due > now) return refuse('not_due')
  const closed = closedReason(model, kind, now)
  if (closed !== undefined) return refuse(closed)
  const sameKind = model.tasks.filter(({ spec }) => spec.kind === kind)
  return claimTasks(model, [task], sameKind, command, now)
}

/** Claims the `selected` tasks, and fails those of `requested` whose lease expired with no attempts left. */
const claimTasks = (
  model: QueueModel,
  selected: ReadonlyArray<ModelTask>,
  requested: ReadonlyArray<ModelTask>,
  { worker, leaseMs }: CommandByName<'claim'>,
  now: number,
): ModelResult => {
  let events = failExhausted(requested, now)
  for (const task of selected) {
    events += 1
    loseClaim(task)
    task.attempts += 1
    task.due = 0
    task.claim = { worker, token: model.seq + events, until: leaseEnd(task, leaseMs, now) }
  }
  return ok(
    selected.map(({ id }) => id),
    events,
  )
}

/** The end of a lease that starts now. */
const leaseEnd = ({ spec }: ModelTask, requested: number | null | undefined, now: number): number => {
  const leaseMs = requested === undefined ? (spec.leaseMs ?? defaults.leaseMs) : requested
  return leaseMs === null ? Infinity : now + leaseMs
}

type HolderCommand = CommandByName<'renew' | 'complete' | 'fail' | 'release'>

export const runHolderCommand = (model: QueueModel, command: HolderCommand, now: number): ModelResult => {
  const { taskId, worker, token } = command
  const task = findTask(model, taskId)
  if (task === undefined) return refuse('unknown_task')
  const { claim, lastEnd, lostClaims } = task
  const isSameClaim = (holder: ModelHolder): boolean =>
    holder.worker === worker && (token === undefined || token === holder.token)
  if (claim !== undefined && isSameClaim(claim))
    return withNextClaim(model, executeCommand(model, task, claim, command, now), command, now)
  const end = { renew: undefined, complete: 'completed', fail: 'failed', release: 'released' }[command.command]
  if (claim === undefined && lastEnd !== undefined && lastEnd.event === end && isSameClaim(lastEnd)) {
    const differs =
      command.command === 'complete' && command.result !== undefined && !isSameJson(command.result, lastEnd.result)
    return differs ? refuse('task_finished') : withNextClaim(model, ok([taskId], 0), command, now)
  }
  const lastHolder = claim ?? lastEnd
  const isLate =
    token === undefined
      ? lastHolder?.worker !== worker && lostClaims.some(isSameClaim)
      : (lastHolder?.worker !== worker && isStale(token, lastHolder)) || lostClaims.some(isSameClaim)
  if (isLate && task.end !== 'cancelled') return refuse(task.onHold ? 'task_held' : 'lease_lost')
  if (task.end !== undefined) return refuse('task_finished')
  return refuse(claim === undefined ? 'not_claimed' : 'not_holder')
}

/** Claims the next task for the same worker at the same time, if the command has `claimNext`. */
const withNextClaim = (model: QueueModel, result: ModelResult, command: HolderCommand, now: number): ModelResult => {
  if (!('claimNext' in command) || command.claimNext === undefined) return result
  const { nowMs, worker } = command
  model.seq += result.events
  const nextResult = claimAny(model, { command: 'claim', nowMs, worker, ...command.claimNext }, now)
  model.seq -= result.events
  return { ...result, events: result.events + nextResult.events, next: nextResult.taskIds[0] }
}

const isStale = (token: number, lastHolder: ModelHolder | undefined): boolean =>
  lastHolder !== undefined && token < lastHolder.token

const executeCommand = (
  model: QueueModel,
  task: ModelTask,
  claim: ModelClaim,
  command: HolderCommand,
  now: number,
): ModelResult => {
  switch (command.command) {
    case 'renew':
      return renew(model, task, claim, command, now)
    case 'complete':
      endClaim(task, 'completed', { result: command.result, end: 'done' })
      break
    case 'fail': {
      const isLast = command.retryInMs === null || isLastAttempt(task)
      const waitMs =
        command.retryInMs ?? computeBackoffMs(task.spec.backoff ?? defaults.backoff, task.id, task.attempts)
      endClaim(task, 'failed', { end: isLast ? 'failed' : undefined })
      task.due = Math.max(now + waitMs, startMs(task.spec))
      break
    }
    case 'release':
      endClaim(task, 'released', {})
      task.attempts -= 1
      break
  }
  return ok([task.id], 1)
}

const renew = (
  model: QueueModel,
  task: ModelTask,
  claim: ModelClaim,
  { leaseMs, progress }: CommandByName<'renew'>,
  now: number,
): ModelResult => {
  if (!isLive(task, now) && freeSlots(model, task.spec.kind, now) <= 0) return refuse('kind_full')
  const until = Math.max(claim.until, leaseEnd(task, leaseMs, now))
  if (until === claim.until && (progress === undefined || isSameJson(progress, claim.progress))) return ok([task.id], 0)
  task.claim = { ...claim, until, progress: progress ?? claim.progress }
  return ok([task.id], 1)
}
