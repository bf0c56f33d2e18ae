/** The state of the model: a list of tasks and the rules of kinds. */
import type { Command } from '../../src/decide/index.ts'
import { isLive, isExhausted, type ModelTask, endClaim } from './model-task.ts'
import type { RefusalCode } from '../../src/decide/refusal.ts'

export type CommandByName<K extends Command['command']> = Extract<Command, { command: K }>

/**
 * The result of a command: the code of a refusal or `ok`, the tasks concerned and the number of events. `next`
 * is the task that `claimNext` claimed, if any.
 */
export type ModelResult = {
  readonly answer: 'ok' | RefusalCode
  readonly taskIds: ReadonlyArray<string>
  readonly events: number
  readonly next?: string | undefined
}

export type QueueModel = {
  readonly tasks: Array<ModelTask>
  readonly paused: Set<string>
  readonly limits: Map<string, number>
  /** The request ids that led to events. */
  readonly requests: Set<string>
  /** The number of events. */
  seq: number
}

/** The queue after the first line of its log. */
export const queueModel = (): QueueModel => ({
  tasks: [],
  paused: new Set(),
  limits: new Map(),
  requests: new Set(),
  seq: 1,
})

export const refuse = (answer: RefusalCode): ModelResult => ({ answer, taskIds: [], events: 0 })
export const ok = (taskIds: ReadonlyArray<string>, events: number): ModelResult => ({ answer: 'ok', taskIds, events })

export const findTask = ({ tasks }: QueueModel, id: string): ModelTask | undefined => tasks.find(task => task.id === id)

export const isDone = (model: QueueModel, id: string): boolean => findTask(model, id)?.end === 'done'

/** True if an open task is on hold or has an open dependency. */
export const isBlocked = (model: QueueModel, task: ModelTask): boolean =>
  task.onHold || (task.spec.needs ?? []).some(need => !isDone(model, need))

/** The number of further tasks of a kind that may be claimed at once. */
export const freeSlots = (model: QueueModel, kind: string, now: number): number =>
  (model.limits.get(kind) ?? Infinity) - model.tasks.filter(task => task.spec.kind === kind && isLive(task, now)).length

export const closedReason = (model: QueueModel, kind: string, now: number): 'kind_paused' | 'kind_full' | undefined => {
  if (model.paused.has(kind)) return 'kind_paused'
  return freeSlots(model, kind, now) <= 0 ? 'kind_full' : undefined
}

/** Fails those of `tasks` whose lease expired with no attempts left, and returns their number. */
export const failExhausted = (tasks: ReadonlyArray<ModelTask>, now: number): number => {
  const exhausted = tasks.filter(task => isExhausted(task, now))
  for (const task of exhausted) endClaim(task, 'failed', { end: 'failed' })
  return exhausted.length
}
