import type * as E from 'fp-ts/lib/Either.js'
import { currentState } from '@claimlog/workspace'
import { type Event, invariantViolation, lineCodec, type State } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import { type Scan, scanFileLog } from '@claimlog/event-log-file'
import type { FoldedLog } from './checkpoint-comparison.ts'

/** The results of one pass over the log. A damaged log is read up to the damage. */
export type LogScan = {
  readonly scan: E.Either<ReadFailure, Scan>
  readonly state: State
  /** The same state, with everything that a checkpoint stores of it. */
  readonly fold: FoldedLog
  /** The first intact line whose event is invalid after the events before it. */
  readonly invalidEvent: { readonly line: number; readonly detail: string } | undefined
}

/** Calls `visit` with the state after line `seq`, if the log has that line. */
export type StateVisitor = { readonly seq: number; readonly visit: (state: State) => void }

/** Reads the log in `dir` once, for all checks. */
export const readLog = async (
  dir: string,
  visitor: StateVisitor | undefined,
  report: (seq: number) => void,
): Promise<LogScan> => {
  const fold = currentState()
  let invalidEvent: LogScan['invalidEvent']
  const applyEvent = (event: Event, address: number): void => {
    const detail = invariantViolation(fold.get(), event)
    if (detail !== undefined) invalidEvent ??= { line: event.seq, detail }
    fold.apply([event], [address])
    if (event.seq === visitor?.seq) visitor.visit(fold.get())
  }
  const scan = await scanFileLog<Event>({ dir, codec: lineCodec }, (events, addresses) => {
    events.forEach((event, i) => applyEvent(event, addresses[i] as number))
    report(fold.get().seq)
  })()
  return { scan, state: fold.get(), fold, invalidEvent }
}
