import type * as E from 'fp-ts/lib/Either.js'
import { currentState } from '@claimlog/workspace'
import { type Event, inconsistency, lineCodec, type State } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import { type Scan, scanFileLog } from '@claimlog/event-log-file'
import type { Folded } from './kept-state.ts'

/** All that one reading of a log tells. The text of a log that is damaged ends before the damage. */
export type LogReading = {
  readonly scan: E.Either<ReadFailure, Scan>
  readonly state: State
  /** The same state, with all that a checkpoint has of it. */
  readonly folded: Folded
  /** The first line that is whole and cannot be true after those before it. */
  readonly inconsistent: { readonly line: number; readonly detail: string } | undefined
}

/** Looks at the state as it was after the line `seq`, if the log reaches it. */
export type LookAt = { readonly seq: number; readonly look: (state: State) => void }

/** Reads the log in `dir` once, for all that is asked of it. */
export const readLog = async (
  dir: string,
  lookAt: LookAt | undefined,
  report: (seq: number) => void,
): Promise<LogReading> => {
  const folded = currentState()
  let inconsistent: LogReading['inconsistent']
  const take = (event: Event, address: number): void => {
    const detail = inconsistency(folded.get(), event)
    if (detail !== undefined) inconsistent ??= { line: event.seq, detail }
    folded.take([event], [address])
    if (event.seq === lookAt?.seq) lookAt.look(folded.get())
  }
  const scan = await scanFileLog<Event>({ dir, codec: lineCodec }, (events, addresses) => {
    events.forEach((event, i) => take(event, addresses[i] as number))
    report(folded.get().seq)
  })()
  return { scan, state: folded.get(), folded, inconsistent }
}
