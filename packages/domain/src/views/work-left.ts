import { freeOf, kindsWithWork } from '../decide/claimable.ts'
import { nextLeaseEnd } from '../decide/guards.ts'
import type { Kind } from '../names.ts'
import type { Time } from '../scalars.ts'
import type { State } from '../state.ts'
import { later } from '../time.ts'

/** Whether there is anything left to be done. */
export type WorkLeft = {
  /** How many tasks can be claimed, are claimed, or will be due. */
  readonly pending: number
  /** How many are blocked, and may be done once others are. */
  readonly blocked: number
  /** When the first lease ends, which may be for good; undefined: only an event can change it. */
  readonly nextAt: Time | undefined
}

/**
 * The work left at `now` among `kinds` (none named: any). Blocked tasks count while there is work of any kind, as that may
 * be what they wait for; once there is none, only a person can free them, and they do not count.
 */
export const workLeft = (state: State, kinds: ReadonlyArray<Kind>, now: Time): WorkLeft => {
  const moment = later(now, state.time)
  const asked = kinds.length === 0 ? kindsWithWork(state) : [...new Set(kinds)]
  const pending = pendingIn(state, asked, moment)
  const nextAt = asked.flatMap(kind => nextLeaseEnd(state, kind, moment) ?? []).sort()[0]
  if (kinds.length === 0) return { pending, blocked: pending === 0 ? 0 : blockedIn(state, []), nextAt }
  const blocked = blockedIn(state, asked)
  const elsewhere = pending > 0 || blocked === 0 ? pending : pendingIn(state, kindsWithWork(state), moment)
  return { pending, blocked: elsewhere === 0 ? 0 : blocked, nextAt }
}

/** Without those whose last lease has ended: they are as good as failed. */
const pendingIn = (state: State, kinds: ReadonlyArray<Kind>, now: Time): number => {
  const { table } = state
  const count = (kind: Kind): number =>
    table.count('ready', kind) +
    table.count('leased', kind) +
    table.count('due', kind) +
    table.count('usedUp', kind) -
    freeOf(state, kind, now, 1).usedUp.length
  return kinds.reduce((sum, kind) => sum + count(kind), 0)
}

const blockedIn = ({ table }: State, kinds: ReadonlyArray<Kind>): number =>
  [...(kinds.length === 0 ? table.partitions('blocked') : kinds)].reduce(
    (sum, kind) => sum + table.count('blocked', kind),
    0,
  )
