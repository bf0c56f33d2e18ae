/** The state of the model: a list of tasks and the rules of kinds. */
import type { Command } from '../../src/decide/index.ts'
import { isLive, lapsedForGood, type ModelTask, settle } from './queue-model-task.ts'
import type { RefusalWord } from '../../src/decide/refusal.ts'

export type Named<K extends Command['command']> = Extract<Command, { command: K }>

/**
 * The result of a command: the code of a refusal or `ok`, the tasks concerned and the number of events. `next`
 * is the task that `claimNext` claimed, if any.
 */
export type Outcome = {
  readonly answer: 'ok' | RefusalWord
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

export const refused = (answer: RefusalWord): Outcome => ({ answer, taskIds: [], events: 0 })
export const ok = (taskIds: ReadonlyArray<string>, events: number): Outcome => ({ answer: 'ok', taskIds, events })

export const taskNamed = ({ tasks }: QueueModel, id: string): ModelTask | undefined =>
  tasks.find(task => task.id === id)

export const isDone = (model: QueueModel, id: string): boolean => taskNamed(model, id)?.end === 'done'

/** True if an open task is on hold or has an open dependency. */
export const isBlocked = (model: QueueModel, task: ModelTask): boolean =>
  task.held || (task.said.needs ?? []).some(need => !isDone(model, need))

/** The number of further tasks of a kind that may be claimed at once. */
export const roomFor = (model: QueueModel, kind: string, now: number): number =>
  (model.limits.get(kind) ?? Infinity) - model.tasks.filter(task => task.said.kind === kind && isLive(task, now)).length

export const whyClosed = (model: QueueModel, kind: string, now: number): 'kind_paused' | 'kind_full' | undefined => {
  if (model.paused.has(kind)) return 'kind_paused'
  return roomFor(model, kind, now) <= 0 ? 'kind_full' : undefined
}

/** Fails those of `tasks` whose lease expired with no attempts left, and returns their number. */
export const failLapsed = (tasks: ReadonlyArray<ModelTask>, now: number): number => {
  const dead = tasks.filter(task => lapsedForGood(task, now))
  for (const task of dead) settle(task, 'failed', { end: 'failed' })
  return dead.length
}
