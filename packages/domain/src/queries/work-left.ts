import { nextLeaseEnd } from '../decide/claims/guards.ts'
import type { Kind, Time } from '../values/scalars.ts'
import { never, type State, taskOf } from '../state/state.ts'
import { isUsedUp } from '../decide/claims/claimable.ts'
import { later } from '../time/clock.ts'

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
  const moment = later(now, state.time)
  const anywhere = pendingAnywhere(state, moment)
  if (kinds.length === 0) {
    const blocked = anywhere === 0 ? 0 : table.total('blocked')
    return { pending: anywhere, blocked, nextAt: firstLeaseEnd(state, moment) }
  }
  const asked = [...new Set(kinds)]
  const blocked = anywhere === 0 ? 0 : asked.reduce((sum, kind) => sum + table.count('blocked', kind), 0)
  const pending = asked.reduce((sum, kind) => sum + pendingIn(state, kind, moment), 0)
  return { pending, blocked, nextAt: asked.flatMap(kind => nextLeaseEnd(state, kind, moment) ?? []).sort()[0] }
}

/** Leaves out tasks whose last lease has expired: they count as failed. */
const pendingIn = (state: State, kind: Kind, now: Time): number => {
  const { table } = state
  const standing = table.count('ready', kind) + table.count('leased', kind) + table.count('due', kind)
  return standing - usedUpIn(state, kind, now)
}

const pendingAnywhere = (state: State, now: Time): number => {
  const { table } = state
  let pending = table.total('ready') + table.total('leased') + table.total('due')
  for (const { id: kind } of table.kindsInOrder('leased', now)) pending -= usedUpIn(state, kind, now)
  return pending
}

/** The number of leases expired since the last claim that leave no attempts. */
const usedUpIn = (state: State, kind: Kind, now: Time): number => {
  let usedUp = 0
  for (const id of state.table.range('leased', kind, now)) if (isUsedUp(state, taskOf(state, id))) usedUp += 1
  return usedUp
}

/** The end of the first unexpired lease of any kind. */
const firstLeaseEnd = (state: State, now: Time): Time | undefined => {
  let first: Time | undefined
  for (const { rank, id: kind } of state.table.kindsInOrder('leased')) {
    if (rank === never || (first !== undefined && rank >= first)) break
    const end = nextLeaseEnd(state, kind, now)
    if (end !== undefined && (first === undefined || end < first)) first = end
  }
  return first
}
