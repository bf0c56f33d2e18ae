import { nextLeaseEnd } from '../decide/claims/guards.ts'
import type { Kind, Time } from '../values/scalars.ts'
import { noLeaseEnd, type State, getTask } from '../state/state.ts'
import { isExhausted } from '../decide/claims/claimable.ts'
import { laterTime } from '../time/clock.ts'

/** The tasks that are still to be done. */
export type WorkLeft = {
  /** The number of tasks that can be claimed, are claimed or will be due. */
  readonly pending: number
  /** The number of blocked tasks that may become ready once others are done. */
  readonly blocked: number
  /** The end of the first lease, which may fail its task; undefined: only an event can change the counts. */
  readonly nextAt: Time | undefined
}

/**
 * Counts the work left at `now` of `kinds` (empty: any). Blocked tasks count while there is work of any kind,
 * as they may depend on it; once there is none, only a person can unblock them, and they do not count.
 */
export const workLeft = (state: State, kinds: ReadonlyArray<Kind>, now: Time): WorkLeft => {
  const { table } = state
  const effectiveNow = laterTime(now, state.time)
  const allPending = countAllPending(state, effectiveNow)
  if (kinds.length === 0) {
    const blocked = allPending === 0 ? 0 : table.total('blocked')
    return { pending: allPending, blocked, nextAt: firstLeaseEnd(state, effectiveNow) }
  }
  const requested = [...new Set(kinds)]
  const blocked = allPending === 0 ? 0 : requested.reduce((sum, kind) => sum + table.count('blocked', kind), 0)
  const pending = requested.reduce((sum, kind) => sum + countPending(state, kind, effectiveNow), 0)
  return {
    pending,
    blocked,
    nextAt: requested.flatMap(kind => nextLeaseEnd(state, kind, effectiveNow) ?? []).sort()[0],
  }
}

/** Leaves out tasks whose last lease has expired: they count as failed. */
const countPending = (state: State, kind: Kind, now: Time): number => {
  const { table } = state
  const unfinished = table.count('ready', kind) + table.count('leased', kind) + table.count('due', kind)
  return unfinished - countExhausted(state, kind, now)
}

const countAllPending = (state: State, now: Time): number => {
  const { table } = state
  let pending = table.total('ready') + table.total('leased') + table.total('due')
  for (const { id: kind } of table.kindsInOrder('leased', now)) pending -= countExhausted(state, kind, now)
  return pending
}

/** The number of leases expired since the last claim that leave no attempts. */
const countExhausted = (state: State, kind: Kind, now: Time): number => {
  let exhausted = 0
  for (const id of state.table.range('leased', kind, now)) if (isExhausted(state, getTask(state, id))) exhausted += 1
  return exhausted
}

/** The end of the first unexpired lease of any kind. */
const firstLeaseEnd = (state: State, now: Time): Time | undefined => {
  let first: Time | undefined
  for (const { rank, id: kind } of state.table.kindsInOrder('leased')) {
    if (rank === noLeaseEnd || (first !== undefined && rank >= first)) break
    const end = nextLeaseEnd(state, kind, now)
    if (end !== undefined && (first === undefined || end < first)) first = end
  }
  return first
}
