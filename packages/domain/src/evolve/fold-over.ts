import { unsetClock } from '../time/clock.ts'
import type { Event } from '../events/index.ts'
import { fold } from './evolve.ts'
import type { State } from '../state/state.ts'
import { tableOver } from '../state/overlay/scratch.ts'

/** The state that `events` would lead to, as they stand on lines, while `state` stays as it is; it must not be changed meanwhile. */
export const foldOver = (state: State, events: ReadonlyArray<Event>): State =>
  fold({ ...state, table: tableOver(state.table) }, events)

/** As {@link foldOver}, of events that were decided on elapsed time and are not on lines yet. */
export const foldDecided = (state: State, events: ReadonlyArray<Event>): State =>
  foldOver({ ...state, clock: unsetClock }, events)
