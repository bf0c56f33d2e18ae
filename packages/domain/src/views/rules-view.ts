import type { Kind, Label } from '../names.ts'
import type { Time } from '../scalars.ts'
import type { State } from '../state.ts'
import { defined } from './task-view.ts'

/** The routing rules of a kind, a field only where there is one; a pause with the event that set it. */
export type RulesView = {
  readonly kind: Kind
  readonly paused?: { readonly since: Time; readonly seq: number; readonly reason?: string; readonly by?: Label }
  readonly limit?: number
}

export const rulesView = (state: State, kind: Kind): RulesView => {
  const { paused, limit } = state.table.rules(kind)
  return defined({
    kind,
    paused:
      paused === undefined
        ? undefined
        : defined({ since: paused.time, seq: paused.seq, reason: paused.reason, by: paused.by }),
    limit: limit?.claims,
  })
}
