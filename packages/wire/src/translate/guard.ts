import { type Clearing, type Guard } from '@claimlog/domain'
import { omitUndefined } from '@claimlog/codecs'
import type { ClearingView, GuardView } from '../documents/guard.ts'

/** Converts a reason why a task cannot be claimed. */
export const guardView = (guard: Guard): GuardView => {
  const { seq, since, clears } = guard
  return omitUndefined({ guard: guard.guard, seq, since, ...ownFields(guard), clearedBy: clears.map(clearingView) })
}

const ownFields = (guard: Guard): Partial<GuardView> => {
  switch (guard.guard) {
    case 'finished':
      return { status: guard.status, worker: guard.worker, reason: guard.reason }
    case 'held':
      return { reason: guard.reason, by: guard.by }
    case 'need':
      return { need: guard.need, status: guard.status, worker: guard.worker }
    case 'claimed':
      return { worker: guard.worker, token: guard.token, until: guard.until }
    case 'attempts':
      return { attempts: guard.attempts }
    case 'not_due':
      return { waitsFor: guard.waitsFor, until: guard.until }
    case 'paused':
      return { kind: guard.kind, reason: guard.reason, by: guard.by }
    case 'full':
      return { kind: guard.kind, limit: guard.limit, until: guard.until }
  }
}

const clearingView = (clearing: Clearing): ClearingView => {
  if ('at' in clearing) return { at: clearing.at }
  return 'taskId' in clearing
    ? { event: clearing.event, taskId: clearing.taskId }
    : { event: clearing.event, kind: clearing.kind }
}
