import { formatDuration, timeToMs, shellQuote, type TaskId, type Time } from '@claimlog/client/unstable-internals'
import type { ExplainedGuard, GuardView } from '@claimlog/wire'

/** A guard as text: what blocks the task since which event, and how to clear it. */
type GuardMessage = Pick<ExplainedGuard, 'message' | 'hint'>

/** A guard with its message and hint, for JSON output. */
export const explainGuard = (guard: GuardView, taskId: TaskId, nowMs: number): ExplainedGuard => ({
  ...guard,
  ...describeGuard(guard, taskId, nowMs),
})

/** The message and the hint about a guard of the task `taskId` at the time `nowMs`. */
export const describeGuard = (guard: GuardView, taskId: TaskId, nowMs: number): GuardMessage => {
  const { seq, kind = '', until, reason, need = '', worker = 'a worker' } = guard
  const quotedTask = shellQuote(taskId)
  const timeLeft = formatTimeLeft(until, nowMs)
  const reasonText = reason === undefined ? '' : `: ${reason}`
  const author = guard.by === undefined ? '' : ` by ${guard.by}`
  switch (guard.guard) {
    case 'finished':
      return {
        message: `${guard.status}${guard.worker === undefined ? '' : ` by ${worker}`} (seq ${seq})${reasonText}`,
        hint: `claimlog retry ${quotedTask} makes it ready again`,
      }
    case 'held':
      return {
        message: `put on hold${author} (seq ${seq})${reasonText}`,
        hint: `claimlog unhold ${quotedTask} makes it claimable again`,
      }
    case 'need':
      return describeNeed(guard, need, quotedTask)
    case 'claimed':
      return {
        message: `claimed by ${worker} with token ${guard.token}; the lease ${until === null ? 'does not expire' : `expires in ${timeLeft}`} (seq ${seq})`,
        hint: `wait ${until === null ? '' : 'until it expires, or '}for ${worker} to complete, fail or release it`,
      }
    case 'attempts':
      return {
        message: `no attempts left: ${guard.attempts === 1 ? 'its only one' : `the last of ${guard.attempts}`} was claimed at seq ${seq}, and the lease has expired`,
        hint: `the next claim of its kind records it as failed; ${amendCommand(quotedTask, `--max-attempts ${(guard.attempts ?? 0) + 1}`)} allows another`,
      }
    case 'not_due':
      return {
        message:
          guard.waitsFor === 'retry'
            ? `failed, retry in ${timeLeft}, at ${until} (seq ${seq})`
            : `not claimable before ${until}, in ${timeLeft} (seq ${seq})`,
        hint: `wait, or ${amendCommand(quotedTask, '--at now')}`,
      }
    case 'paused':
      return {
        message: `kind ${kind} was paused${author} (seq ${seq})${reasonText}`,
        hint: `claimlog resume ${shellQuote(kind)} allows claims again`,
      }
    case 'full':
      return {
        message: `kind ${kind} is at its limit of ${guard.limit} (seq ${seq})${until ? `; a claim expires in ${timeLeft} at the latest` : ''}`,
        hint: `wait until one of its claims ends, or claimlog limit ${shellQuote(kind)} ${(guard.limit ?? 0) + 1}`,
      }
  }
}

/** The command to amend a task. The flag goes before the `--` that an id with a leading dash needs. */
const amendCommand = (quotedTask: string, flag: string): string =>
  quotedTask.startsWith('-- ') ? `claimlog amend ${flag} ${quotedTask}` : `claimlog amend ${quotedTask} ${flag}`

const describeNeed = ({ status, worker, seq }: GuardView, need: TaskId, quotedTask: string): GuardMessage => {
  const quotedNeed = shellQuote(need)
  switch (status) {
    case 'failed':
    case 'cancelled':
      return {
        message: `depends on ${need}, which ${status === 'failed' ? 'failed' : 'was cancelled'} (seq ${seq})`,
        hint: `retry it: claimlog retry ${quotedNeed}; or remove the dependencies: ${amendCommand(quotedTask, '--no-needs')}`,
      }
    case 'ready':
      return worker === undefined
        ? {
            message: `depends on ${need}, which is ready (seq ${seq})`,
            hint: `claimlog why ${quotedNeed} shows whether it can be claimed`,
          }
        : { message: `depends on ${need}, which is claimed by ${worker} (seq ${seq})`, hint: 'wait until it is done' }
    case 'blocked':
    case 'done':
    case undefined:
      return {
        message: `depends on ${need}, which is blocked itself (seq ${seq})`,
        hint: `claimlog why ${quotedNeed} shows what blocks it`,
      }
  }
}

const formatTimeLeft = (until: Time | null | undefined, nowMs: number): string =>
  until === null || until === undefined ? '' : formatDuration(Math.max(0, timeToMs(until) - nowMs))
