/** A task in the model of a queue; all times in milliseconds. */
import type { Json } from '@claimlog/codecs'
import type { NewTask } from '../../src/decide/tasks/new-task.ts'
import { msOf } from '../../src/time/clock.ts'

/** The current or a past holder of a task. */
export type Hold = { readonly worker: string; readonly token: number }
export type ModelClaim = Hold & { readonly until: number; readonly progress?: Json }
type End = 'done' | 'failed' | 'cancelled'
/** A task, changed in place. */
export type ModelTask = {
  readonly id: string
  said: NewTask
  end?: End
  held: boolean
  attempts: number
  /** The task must not be claimed before this time. */
  due: number
  claim?: ModelClaim
  settled?: Hold & { readonly how: string; readonly result?: Json }
  readonly lost: Array<Hold>
}

/** Defaults of the workspace for fields that a task does not set. */
export const defaults = { leaseMs: 15 * 60_000, maxAttempts: 3, backoff: { firstMs: 60_000, maxMs: 600_000 } }

export const newTask = (id: string, said: NewTask): ModelTask => ({
  id,
  said: { ...said, taskId: id },
  held: false,
  attempts: 0,
  due: startOf(said),
  lost: [],
})

/** The `notBefore` of a task in milliseconds, 0 if unset. */
export const startOf = ({ notBefore }: NewTask): number => (notBefore === undefined ? 0 : msOf(notBefore))

export const attemptsAllowed = ({ maxAttempts }: NewTask): number => maxAttempts ?? defaults.maxAttempts

/** True if the lease has not expired at `now`. */
export const isLive = (task: ModelTask, now: number): boolean => task.claim !== undefined && now < task.claim.until
/** True if the task is claimed for its last attempt. */
export const isUsedUp = ({ claim, attempts, said }: ModelTask): boolean =>
  claim !== undefined && attempts >= attemptsAllowed(said)

/** True if the lease of the last attempt has expired: the next claim fails the task. */
export const lapsedForGood = (task: ModelTask, now: number): boolean => !isLive(task, now) && isUsedUp(task)

/** Removes a claim that its holder has not ended. */
export const lose = (task: ModelTask): void => {
  if (task.claim !== undefined) task.lost.push({ worker: task.claim.worker, token: task.claim.token })
  delete task.claim
}

/** Ends a claim as its holder reported. */
export const settle = (task: ModelTask, how: string, { result, end }: { result?: Json; end?: End }): void => {
  if (task.claim === undefined) throw new Error('the task is not claimed')
  task.settled = { worker: task.claim.worker, token: task.claim.token, how, result }
  task.end = end
  delete task.claim
}
