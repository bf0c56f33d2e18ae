import type { Kind, Label, TaskId, Time, WorkerName } from '../values/scalars.ts'
import type { Status } from '../state/task.ts'
import { defined } from './task-view.ts'
import type { Clearing, Guard } from '../decide/claims/guards.ts'

/** What takes a guard away, in the spelling of files. */
export type ClearingView =
  | { readonly at: Time }
  | { readonly event: string; readonly task_id: TaskId }
  | { readonly event: string; readonly kind: Kind }

/** A guard in the spelling of files; which fields it has depends on which `guard` it is. */
export type GuardView = {
  readonly guard: Guard['guard']
  /** The event that put it there, and when. */
  readonly seq: number
  readonly since: Time
  readonly status?: Status
  readonly need?: TaskId
  readonly worker?: WorkerName
  readonly token?: number
  readonly attempts?: number
  readonly waits_for?: 'not_before' | 'retry'
  readonly kind?: Kind
  readonly limit?: number
  readonly until?: Time | null
  readonly reason?: string
  readonly by?: Label
  readonly cleared_by: ReadonlyArray<ClearingView>
}

export const guardView = (guard: Guard): GuardView => {
  const { seq, since, clears } = guard
  return defined({ guard: guard.guard, seq, since, ...ownFields(guard), cleared_by: clears.map(clearingView) })
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
      return { waits_for: guard.waitsFor, until: guard.until }
    case 'paused':
      return { kind: guard.kind, reason: guard.reason, by: guard.by }
    case 'full':
      return { kind: guard.kind, limit: guard.limit, until: guard.until }
  }
}

const clearingView = (clearing: Clearing): ClearingView => {
  if ('at' in clearing) return { at: clearing.at }
  return 'taskId' in clearing
    ? { event: clearing.event, task_id: clearing.taskId }
    : { event: clearing.event, kind: clearing.kind }
}
