import type * as E from 'fp-ts/lib/Either.js'
import { currentState } from '@claimlog/workspace'
import { type Event, invariantViolation, lineCodec, type State } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import { type Scan, scanFileLog } from '@claimlog/event-log-file'
import type { Folded } from './kept-state.ts'

/** The results of one pass over the log. A damaged log is read up to the damage. */
export type LogReading = {
  readonly scan: E.Either<ReadFailure, Scan>
  readonly state: State
  /** The same state, with everything that a checkpoint stores of it. */
  readonly folded: Folded
  /** The first intact line whose event is invalid after the events before it. */
  readonly inconsistent: { readonly line: number; readonly detail: string } | undefined
}

/** Calls `visit` with the state after line `seq`, if the log has that line. */
export type LookAt = { readonly seq: number; readonly look: (state: State) => void }

/** Reads the log in `dir` once, for all checks. */
export const readLog = async (
  dir: string,
  lookAt: LookAt | undefined,
  report: (seq: number) => void,
): Promise<LogReading> => {
  const folded = currentState()
  let inconsistent: LogReading['inconsistent']
  const take = (event: Event, address: number): void => {
    const detail = invariantViolation(folded.get(), event)
    if (detail !== undefined) inconsistent ??= { line: event.seq, detail }
    folded.apply([event], [address])
    if (event.seq === lookAt?.seq) lookAt.look(folded.get())
  }
  const scan = await scanFileLog<Event>({ dir, codec: lineCodec }, (events, addresses) => {
    events.forEach((event, i) => take(event, addresses[i] as number))
    report(folded.get().seq)
  })()
  return { scan, state: folded.get(), folded, inconsistent }
}
