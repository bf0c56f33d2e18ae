import type { Event } from './event/index.ts'
import { fold } from './evolve.ts'
import type { State } from './state.ts'
import { tableOver } from './table-over.ts'

/** The state that `events` would lead to, while `state` stays as it is; it must not be changed meanwhile. */
export const foldOver = (state: State, events: ReadonlyArray<Event>): State =>
  fold({ ...state, table: tableOver(state.table) }, events)
