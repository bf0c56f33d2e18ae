import { type LogClock, onWallClock } from '../time/clock.ts'
import type { Kind, Label, Time } from '../values/scalars.ts'
import type { State } from '../state/state.ts'
import { defined } from './task-view.ts'

/** The routing rules of a kind, a field only where there is one; a pause with the event that set it. */
export type RulesView = {
  readonly kind: Kind
  readonly paused?: { readonly since: Time; readonly seq: number; readonly reason?: string; readonly by?: Label }
  readonly limit?: number
}

/** The rules of a kind, with their moments as a wall clock shows them that fits `clock`. */
export const rulesView = (state: State, kind: Kind, clock: LogClock = state.clock): RulesView => {
  const { paused, limit } = state.table.rules(kind)
  return defined({
    kind,
    paused:
      paused === undefined
        ? undefined
        : defined({ since: onWallClock(paused.time, clock), seq: paused.seq, reason: paused.reason, by: paused.by }),
    limit: limit?.claims,
  })
}
