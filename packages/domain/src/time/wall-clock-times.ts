/** Converts results from elapsed time, which the rules use, to the wall clock of the caller. */
import { type LogClock, toWallTime } from './clock.ts'
import type { NoReadyTask, Refusal } from '../decide/refusal.ts'
import type { Claim } from '../state/task.ts'
import type { Clearing, Guard } from '../decide/claims/guards.ts'

/** Converts the times of a refusal to the wall clock. */
export const toWallClockRefusal = <R extends Refusal>(refusal: R, clock: LogClock): R =>
  clock.shiftMs === 0 ? refusal : (shiftRefusal(refusal, clock) as R)

const shiftRefusal = (refusal: Refusal, clock: LogClock): Refusal => {
  switch (refusal.error) {
    case 'no_ready_task':
      return toWallClockNoReadyTask(refusal, clock)
    case 'task_held':
      return { ...refusal, hold: { ...refusal.hold, time: toWallTime(refusal.hold.time, clock) } }
    case 'not_due':
      return { ...refusal, dueAt: toWallTime(refusal.dueAt, clock) }
    case 'already_claimed':
    case 'not_holder':
      return { ...refusal, claim: toWallClockClaim(refusal.claim, clock) }
    case 'lease_lost': {
      const { holder } = refusal
      return { ...refusal, holder: holder && { ...holder, leaseUntil: toWallTime(holder.leaseUntil, clock) } }
    }
    case 'no_workspace':
    case 'workspace_moved':
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

const toWallClockNoReadyTask = (refusal: NoReadyTask, clock: LogClock): NoReadyTask => ({
  ...refusal,
  waiting: {
    ...refusal.waiting,
    nextAt: toWallTime(refusal.waiting.nextAt, clock),
    tasks: refusal.waiting.tasks.map(task => ({
      ...task,
      guards: task.guards.map(guard => toWallClockGuard(guard, clock)),
    })),
  },
})

const toWallClockClaim = (claim: Claim, clock: LogClock): Claim => ({
  ...claim,
  claimedAt: toWallTime(claim.claimedAt, clock),
  leaseUntil: toWallTime(claim.leaseUntil, clock),
  leaseSetBy: { ...claim.leaseSetBy, time: toWallTime(claim.leaseSetBy.time, clock) },
})

/** Converts the times of a guard to the wall clock. */
export const toWallClockGuard = (guard: Guard, clock: LogClock): Guard => {
  if (clock.shiftMs === 0) return guard
  const clears = guard.clears.map((clearing): Clearing =>
    'at' in clearing ? { at: toWallTime(clearing.at, clock) } : clearing,
  )
  const shifted = { ...guard, since: toWallTime(guard.since, clock), clears }
  return 'until' in shifted ? ({ ...shifted, until: toWallTime(shifted.until, clock) } as Guard) : shifted
}
