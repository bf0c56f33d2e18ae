/** The commands of operators in the model of a queue. */
import { isSameJson } from '@claimlog/codecs'
import {
  failLapsed,
  isDone,
  type Named,
  ok,
  type Outcome,
  type QueueModel,
  refused,
  taskNamed,
} from './queue-model-state.ts'
import {
  attemptsAllowed,
  defaults,
  isLive,
  lapsedForGood,
  lose,
  type ModelTask,
  newTask,
  startOf,
} from './queue-model-task.ts'

export const add = (model: QueueModel, { tasks }: Named<'add'>): Outcome => {
  const all = [...model.tasks]
  const taskIds: Array<string> = []
  for (const said of tasks) {
    const sameId = all.find(({ id }) => id === said.taskId)
    if (sameId !== undefined && !isSameJson(sameId.said, said)) return refused('task_exists')
    const there = sameId ?? all.find(task => said.key !== undefined && task.said.key === said.key)
    const id = there?.id ?? said.taskId ?? `${said.kind}-${model.seq + all.length - model.tasks.length + 1}`
    if (there === undefined) all.push(newTask(id, said))
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

export const amend = (model: QueueModel, command: Named<'amend'>, now: number): Outcome => {
  const task = taskNamed(model, command.taskId)
  if (task === undefined) return refused('unknown_task')
  const { kind, priority, needs, notBefore, maxAttempts } = command
  const fields = Object.entries({ kind, priority, needs, notBefore, maxAttempts })
  const { maxAttempts: attempts = defaults.maxAttempts, priority: rank = 5, needs: needed = [] } = task.said
  const was: Record<string, unknown> = { ...task.said, maxAttempts: attempts, priority: rank, needs: needed }
  const changed = fields.filter(([name, value]) => value !== undefined && !isSameJson(value, was[name]))
  const isChanged = (field: string): boolean => changed.some(([name]) => name === field)
  if (changed.length === 0) return ok([task.id], 0)
  const said = { ...task.said, ...Object.fromEntries(changed) }
  if (isChanged('needs')) {
    const { needs = [] } = said
    if (needs.some(need => taskNamed(model, need) === undefined)) return refused('unknown_task')
    if (reachableFrom(model, needs).has(task.id)) return refused('needs_cycle')
    const blocks = needs.some(need => !isDone(model, need))
    if (blocks && isLive(task, now)) return refused('already_claimed')
    if (blocks && task.claim !== undefined && task.attempts >= attemptsAllowed(said)) return refused('attempts_used_up')
  }
  if (isChanged('kind') && isLive(task, now)) return refused('already_claimed')
  const fewest = isLive(task, now) ? task.attempts : task.attempts + 1
  if (isChanged('maxAttempts') && task.end === undefined && attemptsAllowed(said) < fewest)
    return refused('attempts_used_up')
  task.said = said
  if (isChanged('notBefore')) task.due = startOf(said)
  return ok([task.id], 1)
}

/** The tasks with these ids and all their transitive dependencies. */
const reachableFrom = (model: QueueModel, ids: ReadonlyArray<string>): ReadonlySet<string> => {
  const reached = new Set(ids)
  // Iterating over a set includes the elements added meanwhile.
  for (const id of reached) for (const need of taskNamed(model, id)?.said.needs ?? []) reached.add(need)
  return reached
}

export const cancel = (model: QueueModel, { taskId }: Named<'cancel'>): Outcome => {
  const task = taskNamed(model, taskId)
  if (task === undefined) return refused('unknown_task')
  if (task.end === 'cancelled') return ok([taskId], 0)
  if (task.end !== undefined) return refused('task_finished')
  lose(task)
  task.held = false
  task.end = 'cancelled'
  return ok([taskId], 1)
}

export const retry = (model: QueueModel, { taskId }: Named<'retry'>, now: number): Outcome => {
  const task = taskNamed(model, taskId)
  if (task === undefined) return refused('unknown_task')
  if (task.end === undefined) return ok([taskId], 0)
  const waiting = task.end === 'done' ? dependentsOf(model, taskId) : []
  if (waiting.some(dependent => isLive(dependent, now))) return refused('already_claimed')
  const lapsed = failLapsed(waiting, now)
  delete task.end
  delete task.settled
  task.attempts = 0
  task.due = startOf(task.said)
  return ok([taskId], lapsed + 1)
}

const dependentsOf = ({ tasks }: QueueModel, id: string): ReadonlyArray<ModelTask> =>
  tasks.filter(({ said }) => said.needs?.includes(id))

export const note = (model: QueueModel, { taskId, text }: Named<'note'>): Outcome => {
  if (taskNamed(model, taskId) === undefined) return refused('unknown_task')
  return text.trim() === '' ? refused('bad_input') : ok([taskId], 1)
}

export const putAside = (model: QueueModel, { command, taskId }: Named<'hold' | 'unhold'>, now: number): Outcome => {
  const task = taskNamed(model, taskId)
  if (task === undefined) return refused('unknown_task')
  if (command === 'hold' && task.end !== undefined) return refused('task_finished')
  if (task.held === (command === 'hold')) return ok([taskId], 0)
  if (command === 'hold' && isLive(task, now)) return refused('already_claimed')
  if (command === 'hold' && lapsedForGood(task, now)) return refused('attempts_used_up')
  task.held = command === 'hold'
  return ok([taskId], 1)
}

export const rule = (model: QueueModel, command: Named<'pause' | 'resume' | 'limit'>): Outcome => {
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
