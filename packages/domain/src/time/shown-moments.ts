/** Converts results from elapsed time, which the rules use, to the wall clock of the caller. */
import { type LogClock, onWallClock } from './clock.ts'
import type { NoReadyTask, Refusal } from '../decide/refusal.ts'
import type { Claim } from '../state/task.ts'
import type { Clearing, Guard } from '../decide/claims/guards.ts'

/** Converts the times of a refusal to the wall clock. */
export const refusalOnWallClock = <R extends Refusal>(refusal: R, clock: LogClock): R =>
  clock.shiftMs === 0 ? refusal : (movedRefusal(refusal, clock) as R)

const movedRefusal = (refusal: Refusal, clock: LogClock): Refusal => {
  switch (refusal.error) {
    case 'no_ready_task':
      return waitingOnWallClock(refusal, clock)
    case 'task_held':
      return { ...refusal, hold: { ...refusal.hold, time: onWallClock(refusal.hold.time, clock) } }
    case 'not_due':
      return { ...refusal, dueAt: onWallClock(refusal.dueAt, clock) }
    case 'already_claimed':
    case 'not_holder':
      return { ...refusal, claim: claimOnWallClock(refusal.claim, clock) }
    case 'lease_lost': {
      const { holder } = refusal
      return { ...refusal, holder: holder && { ...holder, leaseUntil: onWallClock(holder.leaseUntil, clock) } }
    }
    case 'no_workspace':
    case 'bad_input':
    case 'unknown_task':
    case 'task_exists':
    case 'task_finished':
    case 'task_blocked':
    case 'attempts_used_up':
    case 'kind_paused':
    case 'kind_full':
    case 'not_claimed':
    case 'needs_cycle':
    case 'seq_conflict':
    case 'request_reused':
      return refusal
  }
}

const waitingOnWallClock = (refusal: NoReadyTask, clock: LogClock): NoReadyTask => ({
  ...refusal,
  waiting: {
    ...refusal.waiting,
    nextAt: onWallClock(refusal.waiting.nextAt, clock),
    tasks: refusal.waiting.tasks.map(task => ({
      ...task,
      guards: task.guards.map(guard => guardOnWallClock(guard, clock)),
    })),
  },
})

const claimOnWallClock = (claim: Claim, clock: LogClock): Claim => ({
  ...claim,
  claimedAt: onWallClock(claim.claimedAt, clock),
  leaseUntil: onWallClock(claim.leaseUntil, clock),
  leaseSetBy: { ...claim.leaseSetBy, time: onWallClock(claim.leaseSetBy.time, clock) },
})

/** Converts the times of a guard to the wall clock. */
export const guardOnWallClock = (guard: Guard, clock: LogClock): Guard => {
  if (clock.shiftMs === 0) return guard
  const clears = guard.clears.map((clearing): Clearing =>
    'at' in clearing ? { at: onWallClock(clearing.at, clock) } : clearing,
  )
  const moved = { ...guard, since: onWallClock(guard.since, clock), clears }
  return 'until' in moved ? ({ ...moved, until: onWallClock(moved.until, clock) } as Guard) : moved
}
