/** The commands of workers in the model of a queue. */
import { isSameJson } from '@claimlog/codecs'
import { backoffMs } from '../../src/values/backoff.ts'
import {
  failLapsed,
  isBlocked,
  type Named,
  ok,
  type Outcome,
  type QueueModel,
  refused,
  roomFor,
  taskNamed,
  whyClosed,
} from './queue-model-state.ts'
import {
  defaults,
  type Hold,
  isLive,
  isUsedUp,
  lose,
  type ModelClaim,
  type ModelTask,
  settle,
  startOf,
} from './queue-model-task.ts'

export const claim = (model: QueueModel, command: Named<'claim'>, now: number): Outcome => {
  if (command.expectSeq !== undefined && command.expectSeq !== model.seq) return refused('seq_conflict')
  if (command.taskId === undefined) return claimAny(model, command, now)
  return command.count === undefined ? claimNamed(model, command, now) : refused('bad_input')
}

const claimAny = (model: QueueModel, command: Named<'claim'>, now: number): Outcome => {
  const asked = model.tasks.filter(
    ({ said }) =>
      (command.kinds.length === 0 || command.kinds.includes(said.kind)) &&
      whyClosed(model, said.kind, now) === undefined,
  )
  const free = asked.filter(
    task =>
      task.end === undefined && !isBlocked(model, task) && !isLive(task, now) && !isUsedUp(task) && task.due <= now,
  )
  const chosen: Array<ModelTask> = []
  for (const task of free.sort((a, b) => (a.said.priority ?? 5) - (b.said.priority ?? 5))) {
    const ofKind = chosen.filter(({ said }) => said.kind === task.said.kind).length
    if (chosen.length < (command.count ?? 1) && ofKind < roomFor(model, task.said.kind, now)) chosen.push(task)
  }
  // No other event would ever record that those failed.
  if (chosen.length === 0) return { ...refused('no_ready_task'), events: failLapsed(asked, now) }
  return take(model, chosen, asked, command, now)
}

const claimNamed = (model: QueueModel, command: Named<'claim'>, now: number): Outcome => {
  const task = taskNamed(model, command.taskId ?? '')
  if (task === undefined) return refused('unknown_task')
  const { kind } = task.said
  if (isLive(task, now) && task.claim?.worker === command.worker) return ok([task.id], 0)
  if (command.kinds.length > 0 && !command.kinds.includes(kind)) return refused('bad_input')
  if (task.end !== undefined) return refused('task_finished')
  if (task.held) return refused('task_held')
  if (isBlocked(model, task)) return refused('task_blocked')
  if (isLive(task, now)) return refused('already_claimed')
  if (isUsedUp(task)) return refused('attempts_used_up')
  if (task.due > now) return refused('not_due')
  const why = whyClosed(model, kind, now)
  if (why !== undefined) return refused(why)
  const ofKind = model.tasks.filter(({ said }) => said.kind === kind)
  return take(model, [task], ofKind, command, now)
}

/** Claims the `chosen` tasks, and fails those of `asked` whose lease expired with no attempts left. */
const take = (
  model: QueueModel,
  chosen: ReadonlyArray<ModelTask>,
  asked: ReadonlyArray<ModelTask>,
  { worker, leaseMs }: Named<'claim'>,
  now: number,
): Outcome => {
  let events = failLapsed(asked, now)
  for (const task of chosen) {
    events += 1
    lose(task)
    task.attempts += 1
    task.due = 0
    task.claim = { worker, token: model.seq + events, until: leaseEnd(task, leaseMs, now) }
  }
  return ok(
    chosen.map(({ id }) => id),
    events,
  )
}

/** The end of a lease that starts now. */
const leaseEnd = ({ said }: ModelTask, asked: number | null | undefined, now: number): number => {
  const leaseMs = asked === undefined ? (said.leaseMs ?? defaults.leaseMs) : asked
  return leaseMs === null ? Infinity : now + leaseMs
}

type ByHolder = Named<'renew' | 'complete' | 'fail' | 'release'>

export const byHolder = (model: QueueModel, command: ByHolder, now: number): Outcome => {
  const { taskId, worker, token } = command
  const task = taskNamed(model, taskId)
  if (task === undefined) return refused('unknown_task')
  const { claim, settled, lost } = task
  const isTheirs = (hold: Hold): boolean => hold.worker === worker && (token === undefined || token === hold.token)
  if (claim !== undefined && isTheirs(claim))
    return thenNext(model, carryOut(model, task, claim, command, now), command, now)
  const how = { renew: undefined, complete: 'completed', fail: 'failed', release: 'released' }[command.command]
  if (claim === undefined && settled !== undefined && settled.how === how && isTheirs(settled)) {
    const differs =
      command.command === 'complete' && command.result !== undefined && !isSameJson(command.result, settled.result)
    return differs ? refused('task_finished') : thenNext(model, ok([taskId], 0), command, now)
  }
  const last = claim ?? settled
  const isLate =
    token === undefined
      ? last?.worker !== worker && lost.some(isTheirs)
      : (last?.worker !== worker && isStale(token, last)) || lost.some(isTheirs)
  if (isLate && task.end !== 'cancelled') return refused(task.held ? 'task_held' : 'lease_lost')
  if (task.end !== undefined) return refused('task_finished')
  return refused(claim === undefined ? 'not_claimed' : 'not_holder')
}

/** Claims the next task for the same worker at the same time, if the command has `claimNext`. */
const thenNext = (model: QueueModel, ended: Outcome, command: ByHolder, now: number): Outcome => {
  if (!('claimNext' in command) || command.claimNext === undefined) return ended
  const { nowMs, worker } = command
  model.seq += ended.events
  const claimed = claimAny(model, { command: 'claim', nowMs, worker, ...command.claimNext }, now)
  model.seq -= ended.events
  return { ...ended, events: ended.events + claimed.events, next: claimed.taskIds[0] }
}

const isStale = (token: number, last: Hold | undefined): boolean => last !== undefined && token < last.token

const carryOut = (model: QueueModel, task: ModelTask, claim: ModelClaim, command: ByHolder, now: number): Outcome => {
  switch (command.command) {
    case 'renew':
      return renew(model, task, claim, command, now)
    case 'complete':
      settle(task, 'completed', { result: command.result, end: 'done' })
      break
    case 'fail': {
      const isLast = command.retryInMs === null || isUsedUp(task)
      const waitMs = command.retryInMs ?? backoffMs(task.said.backoff ?? defaults.backoff, task.id, task.attempts)
      settle(task, 'failed', { end: isLast ? 'failed' : undefined })
      task.due = Math.max(now + waitMs, startOf(task.said))
      break
    }
    case 'release':
      settle(task, 'released', {})
      task.attempts -= 1
      break
  }
  return ok([task.id], 1)
}

const renew = (
  model: QueueModel,
  task: ModelTask,
  claim: ModelClaim,
  { leaseMs, progress }: Named<'renew'>,
  now: number,
): Outcome => {
  if (!isLive(task, now) && roomFor(model, task.said.kind, now) <= 0) return refused('kind_full')
  const until = Math.max(claim.until, leaseEnd(task, leaseMs, now))
  if (until === claim.until && (progress === undefined || isSameJson(progress, claim.progress))) return ok([task.id], 0)
  task.claim = { ...claim, until, progress: progress ?? claim.progress }
  return ok([task.id], 1)
}
