/** A task in the model of a queue; all times in milliseconds. */
import type { Json } from '@claimlog/codecs'
import type { NewTask } from '../../src/decide/tasks/new-task.ts'
import { timeToMs } from '../../src/time/clock.ts'

/** The current or a past holder of a task. */
export type ModelHolder = { readonly worker: string; readonly token: number }
export type ModelClaim = ModelHolder & { readonly until: number; readonly progress?: Json }
type End = 'done' | 'failed' | 'cancelled'
/** A task, changed in place. */
export type ModelTask = {
  readonly id: string
  spec: NewTask
  end?: End
  onHold: boolean
  attempts: number
  /** The task must not be claimed before this time. */
  due: number
  claim?: ModelClaim
  lastEnd?: ModelHolder & { readonly event: string; readonly result?: Json }
  readonly lostClaims: Array<ModelHolder>
}

/** Defaults of the workspace for fields that a task does not set. */
export const defaults = { leaseMs: 15 * 60_000, maxAttempts: 3, backoff: { firstMs: 60_000, maxMs: 600_000 } }

export const newTask = (id: string, spec: NewTask): ModelTask => ({
  id,
  spec: { ...spec, taskId: id },
  onHold: false,
  attempts: 0,
  due: startMs(spec),
  lostClaims: [],
})

/** The `notBefore` of a task in milliseconds, 0 if unset. */
export const startMs = ({ notBefore }: NewTask): number => (notBefore === undefined ? 0 : timeToMs(notBefore))

export const attemptsAllowed = ({ maxAttempts }: NewTask): number => maxAttempts ?? defaults.maxAttempts

/** True if the lease has not expired at `now`. */
export const isLive = (task: ModelTask, now: number): boolean => task.claim !== undefined && now < task.claim.until
/** True if the task is claimed for its last attempt. */
export const isLastAttempt = ({ claim, attempts, spec }: ModelTask): boolean =>
  claim !== undefined && attempts >= attemptsAllowed(spec)

/** True if the lease of the last attempt has expired: the next claim fails the task. */
export const isExhausted = (task: ModelTask, now: number): boolean => !isLive(task, now) && isLastAttempt(task)

/** Removes a claim that its holder has not ended. */
export const loseClaim = (task: ModelTask): void => {
  if (task.claim !== undefined) task.lostClaims.push({ worker: task.claim.worker, token: task.claim.token })
  delete task.claim
}

/** Ends a claim as its holder reported. */
export const endClaim = (task: ModelTask, event: string, { result, end }: { result?: Json; end?: End }): void => {
  if (task.claim === undefined) throw new Error('the task is not claimed')
  task.lastEnd = { worker: task.claim.worker, token: task.claim.token, event, result }
  task.end = end
  delete task.claim
}
