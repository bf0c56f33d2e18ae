import { formatDuration, msOf, shellQuote, type TaskId, type Time } from '@claimlog/client/unstable-internals'
import type { ExplainedGuard, GuardView } from '@claimlog/wire'

/** A guard in words: what stands in the way since which event, and what would clear it. */
type GuardWords = Pick<ExplainedGuard, 'message' | 'hint'>

/** A guard as programs get it, with its words. */
export const explained = (guard: GuardView, taskId: TaskId, nowMs: number): ExplainedGuard => ({
  ...guard,
  ...guardWords(guard, taskId, nowMs),
})

/** What the guard `guard` says of the task `taskId` to somebody who asks at `nowMs`. */
export const guardWords = (guard: GuardView, taskId: TaskId, nowMs: number): GuardWords => {
  const { seq, kind = '', until, reason, need = '', worker = 'somebody' } = guard
  const task = shellQuote(taskId)
  const left = leftUntil(until, nowMs)
  const why = reason === undefined ? '' : `: ${reason}`
  const by = guard.by === undefined ? '' : ` by ${guard.by}`
  switch (guard.guard) {
    case 'finished':
      return {
        message: `it is ${guard.status} since seq ${seq}${guard.worker === undefined ? '' : `, by ${worker}`}${why}`,
        hint: `claimlog retry ${task} has it done again`,
      }
    case 'held':
      return { message: `held${by} since seq ${seq}${why}`, hint: `claimlog unhold ${task} puts it back` }
    case 'need':
      return needWords(guard, need, task)
    case 'claimed':
      return {
        message: `claimed by ${worker} under token ${guard.token}; the lease ${until === null ? 'has no end' : `ends in ${left}`} (seq ${seq})`,
        hint: `wait for ${until === null ? '' : 'that, or for '}${worker} to settle it`,
      }
    case 'attempts':
      return {
        message: `${guard.attempts === 1 ? 'its one attempt is used up' : `all ${guard.attempts} attempts are used up, the last`} by the claim of seq ${seq}, whose lease ended`,
        hint: `the next claim of its kind records it as failed; ${amending(task, `--max-attempts ${(guard.attempts ?? 0) + 1}`)} gives it another`,
      }
    case 'not_due':
      return {
        message:
          guard.waits_for === 'retry'
            ? `retry in ${left}, at ${until}, as it failed at seq ${seq}`
            : `not to be claimed before ${until}, in ${left} (seq ${seq})`,
        hint: `wait, or ${amending(task, '--at now')}`,
      }
    case 'paused':
      return {
        message: `the kind ${kind} is paused${by} since seq ${seq}${why}`,
        hint: `claimlog resume ${shellQuote(kind)} opens it`,
      }
    case 'full':
      return {
        message: `the kind ${kind} is at its limit of ${guard.limit} (seq ${seq})${until ? `; there is room in ${left} at the latest` : ''}`,
        hint: `wait for one of its tasks to be settled, or claimlog limit ${shellQuote(kind)} ${(guard.limit ?? 0) + 1}`,
      }
  }
}

/** A flag goes before the `--` that a name with a dash in front needs. */
const amending = (task: string, flag: string): string =>
  task.startsWith('-- ') ? `claimlog amend ${flag} ${task}` : `claimlog amend ${task} ${flag}`

const needWords = ({ status, worker, seq }: GuardView, need: TaskId, task: string): GuardWords => {
  const needed = shellQuote(need)
  const since = `since seq ${seq}`
  switch (status) {
    case 'failed':
    case 'cancelled':
      return {
        message: `needs ${need}, which is ${status} ${since}`,
        hint: `claimlog retry ${needed} has that done after all; ${amending(task, '--no-needs')} drops all that it needs`,
      }
    case 'ready':
      return worker === undefined
        ? {
            message: `needs ${need}, which is ready ${since}`,
            hint: `claimlog why ${needed} tells what that waits for`,
          }
        : { message: `needs ${need}, which ${worker} works on ${since}`, hint: 'wait for it to be completed' }
    case 'blocked':
    case 'done':
    case undefined:
      return {
        message: `needs ${need}, which is blocked itself ${since}`,
        hint: `claimlog why ${needed} tells what that waits for`,
      }
  }
}

const leftUntil = (until: Time | null | undefined, nowMs: number): string =>
  until === null || until === undefined ? '' : formatDuration(Math.max(0, msOf(until) - nowMs))
