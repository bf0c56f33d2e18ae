/**
 * A queue in its simplest form: a list of tasks that every query scans from the front, all times in
 * milliseconds. No events, no indices, no cached values. The rules are tested against it.
 */
import type { Command } from '../../src/decide/index.ts'
import { runHolderCommand, claim } from './worker-commands.ts'
import { add, amend, cancel, note, setHold, retry, setKindRule } from './operator-commands.ts'
import { isBlocked, ok, type ModelResult, type QueueModel } from './model-state.ts'
import { loseClaim, type ModelTask } from './model-task.ts'

/** Executes a command on the model and returns the result. `now` is true time. */
export const runOnModel = (model: QueueModel, command: Command, now: number): ModelResult => {
  const { requestId } = command
  if (requestId !== undefined && model.requests.has(requestId)) return ok([], 0)
  const result = runCommand(model, command, now)
  // A task that becomes blocked loses its claim.
  for (const task of model.tasks) if (modelStatus(model, task) === 'blocked') loseClaim(task)
  model.seq += result.events
  if (result.answer === 'ok' && result.events > 0 && requestId !== undefined) model.requests.add(requestId)
  return result
}

const runCommand = (model: QueueModel, command: Command, now: number): ModelResult => {
  switch (command.command) {
    case 'add':
      return add(model, command)
    case 'claim':
      return claim(model, command, now)
    case 'renew':
    case 'complete':
    case 'fail':
    case 'release':
      return runHolderCommand(model, command, now)
    case 'hold':
    case 'unhold':
      return setHold(model, command, now)
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
      return setKindRule(model, command)
    case 'open':
    case 'import':
    case 'move':
      throw new Error(`the model does not implement ${command.command}`)
  }
}

export const modelStatus = (model: QueueModel, task: ModelTask): string =>
  task.end ?? (isBlocked(model, task) ? 'blocked' : 'ready')
