/** The commands of operators in the model of a queue. */
import { isSameJson } from '@claimlog/codecs'
import {
  failExhausted,
  isDone,
  type CommandByName,
  ok,
  type ModelResult,
  type QueueModel,
  refuse,
  findTask,
} from './model-state.ts'
import {
  attemptsAllowed,
  defaults,
  isLive,
  isExhausted,
  loseClaim,
  type ModelTask,
  newTask,
  startMs,
} from './model-task.ts'

export const add = (model: QueueModel, { tasks }: CommandByName<'add'>): ModelResult => {
  const allTasks = [...model.tasks]
  const taskIds: Array<string> = []
  for (const spec of tasks) {
    const taskWithId = allTasks.find(({ id }) => id === spec.taskId)
    if (taskWithId !== undefined && !isSameJson(taskWithId.spec, spec)) return refuse('task_exists')
    const existing = taskWithId ?? allTasks.find(task => spec.key !== undefined && task.spec.key === spec.key)
    const id = existing?.id ?? spec.taskId ?? `${spec.kind}-${model.seq + allTasks.length - model.tasks.length + 1}`
    if (existing === undefined) allTasks.push(newTask(id, spec))
    taskIds.push(id)
  }
  const added = allTasks.slice(model.tasks.length)
  for (const { spec } of added)
    if ((spec.needs ?? []).some(need => !allTasks.some(({ id }) => id === need))) return refuse('unknown_task')
  let remaining = added
  for (let lastRemaining = Infinity; remaining.length < lastRemaining;) {
    lastRemaining = remaining.length
    remaining = remaining.filter(({ spec }) => (spec.needs ?? []).some(need => remaining.some(({ id }) => id === need)))
  }
  if (remaining.length > 0) return refuse('needs_cycle')
  model.tasks.push(...added)
  return ok(taskIds, added.length)
}

export const amend = (model: QueueModel, command: CommandByName<'amend'>, now: number): ModelResult => {
  const task = findTask(model, command.taskId)
  if (task === undefined) return refuse('unknown_task')
  const { kind, priority, needs, notBefore, maxAttempts } = command
  const fields = Object.entries({ kind, priority, needs, notBefore, maxAttempts })
  const { maxAttempts: attemptsNow = defaults.maxAttempts, priority: priorityNow = 5, needs: needsNow = [] } = task.spec
  const current: Record<string, unknown> = {
    ...task.spec,
    maxAttempts: attemptsNow,
    priority: priorityNow,
    needs: needsNow,
  }
  const changed = fields.filter(([name, value]) => value !== undefined && !isSameJson(value, current[name]))
  const isChanged = (field: string): boolean => changed.some(([name]) => name === field)
  if (changed.length === 0) return ok([task.id], 0)
  const spec = { ...task.spec, ...Object.fromEntries(changed) }
  if (isChanged('needs')) {
    const { needs = [] } = spec
    if (needs.some(need => findTask(model, need) === undefined)) return refuse('unknown_task')
    if (transitiveNeeds(model, needs).has(task.id)) return refuse('needs_cycle')
    const blocks = needs.some(need => !isDone(model, need))
    if (blocks && isLive(task, now)) return refuse('already_claimed')
    if (blocks && task.claim !== undefined && task.attempts >= attemptsAllowed(spec)) return refuse('attempts_used_up')
  }
  if (isChanged('kind') && isLive(task, now)) return refuse('already_claimed')
  const attemptsMin = isLive(task, now) ? task.attempts : task.attempts + 1
  if (isChanged('maxAttempts') && task.end === undefined && attemptsAllowed(spec) < attemptsMin)
    return refuse('attempts_used_up')
  task.spec = spec
  if (isChanged('notBefore')) task.due = startMs(spec)
  return ok([task.id], 1)
}

/** The tasks with these ids and all their transitive dependencies. */
const transitiveNeeds = (model: QueueModel, ids: ReadonlyArray<string>): ReadonlySet<string> => {
  const reached = new Set(ids)
  // Iterating over a set includes the elements added meanwhile.
  for (const id of reached) for (const need of findTask(model, id)?.spec.needs ?? []) reached.add(need)
  return reached
}

export const cancel = (model: QueueModel, { taskId }: CommandByName<'cancel'>): ModelResult => {
  const task = findTask(model, taskId)
  if (task === undefined) return refuse('unknown_task')
  if (task.end === 'cancelled') return ok([taskId], 0)
  if (task.end !== undefined) return refuse('task_finished')
  loseClaim(task)
  task.onHold = false
  task.end = 'cancelled'
  return ok([taskId], 1)
}

export const retry = (model: QueueModel, { taskId }: CommandByName<'retry'>, now: number): ModelResult => {
  const task = findTask(model, taskId)
  if (task === undefined) return refuse('unknown_task')
  if (task.end === undefined) return ok([taskId], 0)
  const waiting = task.end === 'done' ? findDependents(model, taskId) : []
  if (waiting.some(dependent => isLive(dependent, now))) return refuse('already_claimed')
  const expiredCount = failExhausted(waiting, now)
  delete task.end
  delete task.lastEnd
  task.attempts = 0
  task.due = startMs(task.spec)
  return ok([taskId], expiredCount + 1)
}

const findDependents = ({ tasks }: QueueModel, id: string): ReadonlyArray<ModelTask> =>
  tasks.filter(({ spec }) => spec.needs?.includes(id))

export const note = (model: QueueModel, { taskId, text }: CommandByName<'note'>): ModelResult => {
  if (findTask(model, taskId) === undefined) return refuse('unknown_task')
  return text.trim() === '' ? refuse('bad_input') : ok([taskId], 1)
}

export const setHold = (
  model: QueueModel,
  { command, taskId }: CommandByName<'hold' | 'unhold'>,
  now: number,
): ModelResult => {
  const task = findTask(model, taskId)
  if (task === undefined) return refuse('unknown_task')
  if (command === 'hold' && task.end !== undefined) return refuse('task_finished')
  if (task.onHold === (command === 'hold')) return ok([taskId], 0)
  if (command === 'hold' && isLive(task, now)) return refuse('already_claimed')
  if (command === 'hold' && isExhausted(task, now)) return refuse('attempts_used_up')
  task.onHold = command === 'hold'
  return ok([taskId], 1)
}

export const setKindRule = (model: QueueModel, command: CommandByName<'pause' | 'resume' | 'limit'>): ModelResult => {
  const { kind } = command
  switch (command.command) {
    case 'pause':
      if (model.paused.has(kind)) return ok([], 0)
      model.paused.add(kind)
      break
    case 'resume':
      if (!model.paused.delete(kind)) return ok([], 0)
      break
    case 'limit':
      if ((model.limits.get(kind) ?? null) === command.limit) return ok([], 0)
      if (command.limit === null) model.limits.delete(kind)
      else model.limits.set(kind, command.limit)
      break
  }
  return ok([], 1)
}
