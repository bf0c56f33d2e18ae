import type { Failed } from '../../events/index.ts'
import type { UsedUp } from './claimable.ts'
import type { Time } from '../../values/scalars.ts'
import type { State } from '../../state/state.ts'
import type { Task } from '../../state/task.ts'
import { after } from '../../time/time.ts'

/**
 * The events, from `seq` on, that record tasks as failed whose last lease ended with no attempts left. They are part of
 * another decision, of which they carry the request and the time; nobody gave an order for them.
 */
export const lapsesOf = (
  usedUp: ReadonlyArray<UsedUp>,
  seq: number,
  stamp: Pick<Failed, 'requestId' | 'time'>,
): ReadonlyArray<Failed> =>
  usedUp.map(({ task, claim }, i) => ({
    seq: seq + i,
    event: 'failed',
    worker: claim.worker,
    taskId: task.id,
    token: claim.token,
    error: lapseError(claim.leaseUntil ?? stamp.time),
    retryAt: null,
    ...stamp,
  }))

const lapseError = (ended: string): string => `the lease ended at ${ended} and no attempts are left`

/** Whether a failure was recorded by another decision, in the name of a holder who did not say it. */
export const isLapseError = (error: string): boolean => lapsePattern.test(error)

const lapsePattern = new RegExp(`^${lapseError('\\S+')}$`)

/** How long a claim lasts: what the claimer asks, else what the task says, else the workspace. Null: without an end. */
export const leaseFor = (state: State, task: Task, asked: number | null | undefined): number | null => {
  if (asked !== undefined) return asked
  return task.spec.leaseMs !== undefined ? task.spec.leaseMs : (state.workspace?.leaseMs ?? null)
}

/** When a lease of `leaseMs` that starts `now` ends; null: never. */
export const leaseEnd = (now: Time, leaseMs: number | null): Time | null =>
  leaseMs === null ? null : after(now, leaseMs)
