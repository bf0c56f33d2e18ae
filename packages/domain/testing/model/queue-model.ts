/**
 * A queue in its simplest form: a list of tasks that every query scans from the front, all times in
 * milliseconds. No events, no indices, no cached values. The rules are tested against it.
 */
import type { Command } from '../../src/decide/index.ts'
import { byHolder, claim } from './queue-model-claims.ts'
import { add, amend, cancel, note, putAside, retry, rule } from './queue-model-orders.ts'
import { isBlocked, ok, type Outcome, type QueueModel } from './queue-model-state.ts'
import { lose, type ModelTask } from './queue-model-task.ts'

/** Executes a command on the model and returns the result. `now` is true time. */
export const runOnModel = (model: QueueModel, command: Command, now: number): Outcome => {
  const { requestId } = command
  if (requestId !== undefined && model.requests.has(requestId)) return ok([], 0)
  const outcome = answerOf(model, command, now)
  // A task that becomes blocked loses its claim.
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
      throw new Error(`the model does not implement ${command.command}`)
  }
}

export const statusOf = (model: QueueModel, task: ModelTask): string =>
  task.end ?? (isBlocked(model, task) ? 'blocked' : 'ready')
