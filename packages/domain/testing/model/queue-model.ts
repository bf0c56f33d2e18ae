/**
 * The queue as one would explain it: a list of tasks, gone through from the front for every question, all times in
 * milliseconds. No events, no indices, nothing remembered that could be looked up. The rules are checked against it.
 */
import type { Command } from '../../src/decide/index.ts'
import { byHolder, claim } from './queue-model-claims.ts'
import { add, amend, cancel, note, putAside, retry, rule } from './queue-model-orders.ts'
import { isBlocked, ok, type Outcome, type QueueModel } from './queue-model-state.ts'
import { lose, type ModelTask } from './queue-model-task.ts'

/** What happens to `model` by one command, `now` being true time, and the answer. */
export const runOnModel = (model: QueueModel, command: Command, now: number): Outcome => {
  const { requestId } = command
  if (requestId !== undefined && model.requests.has(requestId)) return ok([], 0)
  const outcome = answerOf(model, command, now)
  // Whoever had a task that is blocked now has lost it.
  for (const task of model.tasks) if (statusOf(model, task) === 'blocked') lose(task)
  model.seq += outcome.events
  if (outcome.answer === 'ok' && outcome.events > 0 && requestId !== undefined) model.requests.add(requestId)
  return outcome
}

const answerOf = (model: QueueModel, command: Command, now: number): Outcome => {
  switch (command.command) {
    case 'add':
      return add(model, command)
    case 'claim':
      return claim(model, command, now)
    case 'renew':
    case 'complete':
    case 'fail':
    case 'release':
      return byHolder(model, command, now)
    case 'hold':
    case 'unhold':
      return putAside(model, command, now)
    case 'cancel':
      return cancel(model, command)
    case 'retry':
      return retry(model, command, now)
    case 'amend':
      return amend(model, command, now)
    case 'note':
      return note(model, command)
    case 'pause':
    case 'resume':
    case 'limit':
      return rule(model, command)
    case 'open':
    case 'import':
      throw new Error(`the model knows no ${command.command}`)
  }
}

export const statusOf = (model: QueueModel, task: ModelTask): string =>
  task.end ?? (isBlocked(model, task) ? 'blocked' : 'ready')
