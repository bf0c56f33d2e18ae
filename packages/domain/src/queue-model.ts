/**
 * The queue as one would explain it: a list of tasks, gone through from the front for every question, all times in
 * milliseconds. No events, no indices, nothing remembered that could be looked up. The rules are checked against it.
 */
import { backoffMs } from './backoff.ts'
import type { Command } from './decide/index.ts'
import { isSameJson } from './json.ts'
import {
  defaults,
  type Hold,
  isLive,
  isUsedUp,
  lapsedForGood,
  lose,
  type ModelTask,
  settle,
} from './queue-model-task.ts'
import type { RefusalWord } from './refusal.ts'
import { msOf } from './time.ts'

type Outcome = { readonly answer: 'ok' | RefusalWord; readonly taskIds: ReadonlyArray<string>; readonly events: number }
type Named<K extends Command['command']> = Extract<Command, { command: K }>

export type QueueModel = {
  readonly tasks: Array<ModelTask>
  readonly paused: Set<string>
  readonly limits: Map<string, number>
  /** How many events there are, and when the last one was. */
  seq: number
  time: number
}

export const queueModel = (time: number): QueueModel => ({
  tasks: [],
  paused: new Set(),
  limits: new Map(),
  seq: 1,
  time,
})

const refused = (answer: RefusalWord): Outcome => ({ answer, taskIds: [], events: 0 })
const ok = (taskIds: ReadonlyArray<string>, events: number): Outcome => ({ answer: 'ok', taskIds, events })

export const isBlocked = ({ tasks }: QueueModel, task: ModelTask): boolean =>
  task.held || (task.said.needs ?? []).some(need => tasks.find(({ id }) => id === need)?.end !== 'done')

const closed = (model: QueueModel, kind: string, now: number): 'kind_paused' | 'kind_full' | undefined => {
  if (model.paused.has(kind)) return 'kind_paused'
  const live = model.tasks.filter(task => task.said.kind === kind && isLive(task, now)).length
  return live >= (model.limits.get(kind) ?? Infinity) ? 'kind_full' : undefined
}

/** What happens to `model` by one command, and the answer. */
export const runOnModel = (model: QueueModel, command: Command): Outcome => {
  const now = Math.max(model.time, command.nowMs)
  const outcome = answerOf(model, command, now)
  model.seq += outcome.events
  if (outcome.events > 0) model.time = now
  return outcome
}

const answerOf = (model: QueueModel, command: Command, now: number): Outcome => {
  switch (command.command) {
    case 'add':
      return add(model, command)
    case 'claim':
      return command.taskId === undefined ? claimAny(model, command, now) : claimNamed(model, command, now)
    case 'hold':
    case 'unhold':
      return putAside(model, command, now)
    case 'renew':
    case 'complete':
    case 'fail':
    case 'release':
      return byHolder(model, command, now)
    case 'open':
    case 'import':
      throw new Error(`the model knows no ${command.command}`)
  }
}

const add = (model: QueueModel, { tasks }: Named<'add'>): Outcome => {
  const all = [...model.tasks]
  const taskIds: Array<string> = []
  for (const said of tasks) {
    const sameId = all.find(({ id }) => id === said.taskId)
    if (sameId !== undefined && !isSameJson(sameId.said, said)) return refused('task_exists')
    const there = sameId ?? all.find(task => said.key !== undefined && task.said.key === said.key)
    const id = there?.id ?? said.taskId ?? `${said.kind}-${model.seq + all.length - model.tasks.length + 1}`
    const due = said.notBefore === undefined ? 0 : msOf(said.notBefore)
    if (there === undefined) all.push({ id, said: { ...said, taskId: id }, held: false, attempts: 0, due, lost: [] })
    taskIds.push(id)
  }
  const added = all.slice(model.tasks.length)
  for (const { said } of added)
    if ((said.needs ?? []).some(need => !all.some(({ id }) => id === need))) return refused('unknown_task')
  let left = added
  for (let before = Infinity; left.length < before;) {
    before = left.length
    left = left.filter(({ said }) => (said.needs ?? []).some(need => left.some(({ id }) => id === need)))
  }
  if (left.length > 0) return refused('needs_cycle')
  model.tasks.push(...added)
  return ok(taskIds, added.length)
}

const claimAny = (model: QueueModel, command: Named<'claim'>, now: number): Outcome => {
  const asked = model.tasks.filter(
    ({ said }) =>
      (command.kinds.length === 0 || command.kinds.includes(said.kind)) && closed(model, said.kind, now) === undefined,
  )
  const free = asked.filter(
    task =>
      task.end === undefined && !isBlocked(model, task) && !isLive(task, now) && !isUsedUp(task) && task.due <= now,
  )
  const [first] = free.sort((a, b) => (a.said.priority ?? 5) - (b.said.priority ?? 5))
  return first === undefined ? refused('no_ready_task') : take(model, first, asked, command, now)
}

const claimNamed = (model: QueueModel, command: Named<'claim'>, now: number): Outcome => {
  const task = model.tasks.find(({ id }) => id === command.taskId)
  if (task === undefined) return refused('unknown_task')
  if (isLive(task, now) && task.claim?.worker === command.worker) return ok([task.id], 0)
  if (task.end !== undefined) return refused('task_finished')
  if (task.held) return refused('task_held')
  if (isBlocked(model, task)) return refused('task_blocked')
  if (isLive(task, now)) return refused('already_claimed')
  if (isUsedUp(task)) return refused('attempts_used_up')
  if (task.due > now) return refused('not_due')
  const { kind } = task.said
  const ofKind = model.tasks.filter(({ said }) => said.kind === kind)
  const why = closed(model, kind, now)
  return why === undefined ? take(model, task, ofKind, command, now) : refused(why)
}

/** Hands `task` out; of those `asked` for, the ones that lapsed with no attempts left have failed by that. */
const take = (
  model: QueueModel,
  task: ModelTask,
  asked: ReadonlyArray<ModelTask>,
  { worker, leaseMs = task.said.leaseMs ?? defaults.leaseMs }: Named<'claim'>,
  now: number,
): Outcome => {
  const dead = asked.filter(other => lapsedForGood(other, now))
  for (const other of dead) settle(other, 'failed', { end: 'failed' })
  lose(task)
  task.attempts += 1
  task.due = 0
  task.claim = { worker, token: model.seq + dead.length + 1, until: leaseMs === null ? Infinity : now + leaseMs }
  return ok([task.id], dead.length + 1)
}

const putAside = (model: QueueModel, { command, taskId }: Named<'hold' | 'unhold'>, now: number): Outcome => {
  const task = model.tasks.find(({ id }) => id === taskId)
  if (task === undefined) return refused('unknown_task')
  if (command === 'hold' && task.end !== undefined) return refused('task_finished')
  if (task.held === (command === 'hold')) return ok([taskId], 0)
  if (command === 'hold' && isLive(task, now)) return refused('already_claimed')
  if (command === 'hold' && lapsedForGood(task, now)) return refused('attempts_used_up')
  lose(task)
  task.held = command === 'hold'
  return ok([taskId], 1)
}

type ByHolder = Named<'renew' | 'complete' | 'fail' | 'release'>

const byHolder = (model: QueueModel, command: ByHolder, now: number): Outcome => {
  const { taskId, worker, token } = command
  const task = model.tasks.find(({ id }) => id === taskId)
  if (task === undefined) return refused('unknown_task')
  const { claim, settled, lost } = task
  const isTheirs = (hold: Hold): boolean => hold.worker === worker && (token === undefined || token === hold.token)
  if (claim !== undefined && isTheirs(claim)) return carryOut(task, claim, command, now)
  const how = { renew: undefined, complete: 'completed', fail: 'failed', release: 'released' }[command.command]
  if (claim === undefined && settled !== undefined && settled.how === how && isTheirs(settled)) {
    const differs = command.command === 'complete' && command.result !== undefined && command.result !== settled.result
    return differs ? refused('task_finished') : ok([taskId], 0)
  }
  const last = claim ?? settled
  const isLate =
    token === undefined ? last?.worker !== worker && lost.some(isTheirs) : isStale(token, last) || lost.some(isTheirs)
  if (isLate) return refused(task.held ? 'task_held' : 'lease_lost')
  if (task.end !== undefined) return refused('task_finished')
  return refused(claim === undefined ? 'not_claimed' : 'not_holder')
}

const isStale = (token: number, last: Hold | undefined): boolean => last !== undefined && token < last.token

const carryOut = (task: ModelTask, claim: NonNullable<ModelTask['claim']>, command: ByHolder, now: number): Outcome => {
  switch (command.command) {
    case 'renew':
      return renew(task, claim, command, now)
    case 'complete':
      settle(task, 'completed', { result: command.result, end: 'done' })
      break
    case 'fail': {
      const isLast = command.retryInMs === null || isUsedUp(task)
      const waitMs = command.retryInMs ?? backoffMs(task.said.backoff ?? defaults.backoff, task.id, task.attempts)
      settle(task, 'failed', { end: isLast ? 'failed' : undefined })
      task.due = now + waitMs
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
  task: ModelTask,
  claim: NonNullable<ModelTask['claim']>,
  { leaseMs = task.said.leaseMs ?? defaults.leaseMs, progress }: Named<'renew'>,
  now: number,
): Outcome => {
  const until = Math.max(claim.until, leaseMs === null ? Infinity : now + leaseMs)
  if (until === claim.until && (progress === undefined || isSameJson(progress, claim.progress))) return ok([task.id], 0)
  task.claim = { ...claim, until, progress: progress ?? claim.progress }
  return ok([task.id], 1)
}
