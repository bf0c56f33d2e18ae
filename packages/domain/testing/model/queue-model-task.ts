/** One task of the plain model of a queue, all times in milliseconds. */
import type { Json } from '@claimlog/codecs'
import type { NewTask } from '../../src/decide/tasks/new-task.ts'
import { msOf } from '../../src/time/clock.ts'

/** Who has, or had, a task. */
export type Hold = { readonly worker: string; readonly token: number }
export type ModelClaim = Hold & { readonly until: number; readonly progress?: Json }
type End = 'done' | 'failed' | 'cancelled'
/** What was said of a task, and what came of it; changed in place. */
export type ModelTask = {
  readonly id: string
  said: NewTask
  end?: End
  held: boolean
  attempts: number
  /** Not to be claimed before. */
  due: number
  claim?: ModelClaim
  settled?: Hold & { readonly how: string; readonly result?: Json }
  readonly lost: Array<Hold>
}

/** What the workspace says where a task says nothing. */
export const defaults = { leaseMs: 15 * 60_000, maxAttempts: 3, backoff: { firstMs: 60_000, maxMs: 600_000 } }

/** A task as it is when it was just added. */
export const newTask = (id: string, said: NewTask): ModelTask => ({
  id,
  said: { ...said, taskId: id },
  held: false,
  attempts: 0,
  due: startOf(said),
  lost: [],
})

/** The moment before which it must not start, as was said of it. */
export const startOf = ({ notBefore }: NewTask): number => (notBefore === undefined ? 0 : msOf(notBefore))

export const attemptsAllowed = ({ maxAttempts }: NewTask): number => maxAttempts ?? defaults.maxAttempts

/** Whether others are kept out at `now`. */
export const isLive = (task: ModelTask, now: number): boolean => task.claim !== undefined && now < task.claim.until
/** Whether its claim is the last that it may have. */
export const isUsedUp = ({ claim, attempts, said }: ModelTask): boolean =>
  claim !== undefined && attempts >= attemptsAllowed(said)

/** Whether its lease has ended and there is no other attempt: the next claim makes it failed. */
export const lapsedForGood = (task: ModelTask, now: number): boolean => !isLive(task, now) && isUsedUp(task)

/** Takes the task from its holder, who did not say a word. */
export const lose = (task: ModelTask): void => {
  if (task.claim !== undefined) task.lost.push({ worker: task.claim.worker, token: task.claim.token })
  delete task.claim
}

/** The holder's own word on how the claim ended. */
export const settle = (task: ModelTask, how: string, { result, end }: { result?: Json; end?: End }): void => {
  if (task.claim === undefined) throw new Error('nobody holds it')
  task.settled = { worker: task.claim.worker, token: task.claim.token, how, result }
  task.end = end
  delete task.claim
}
