import type * as E from 'fp-ts/lib/Either.js'
import { emptyState, type Event, evolve, inconsistency, lineCodec, queueFileText, type State } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import { type Scan, scanFileLog } from '@claimlog/event-log-file'

/** All that one reading of a log tells. The text of a log that is damaged ends before the damage. */
export type LogReading = {
  readonly scan: E.Either<ReadFailure, Scan>
  readonly state: State
  /** The first line that is whole and cannot be true after those before it. */
  readonly inconsistent: { readonly line: number; readonly detail: string } | undefined
  /** What `queue.json` must have been after the line that was asked for; undefined: the log does not reach it. */
  readonly queueTextThen: string | undefined
  /** What `queue.json` must be now. */
  readonly queueTextNow: () => string
}

/** Reads the log in `dir` once, for all that is asked of it. `seq`: the line that `queue.json` says it stands at. */
export const readLog = async (
  dir: string,
  seq: number | undefined,
  report: (seq: number) => void,
): Promise<LogReading> => {
  let state = emptyState()
  let inconsistent: LogReading['inconsistent']
  let queueTextThen: string | undefined
  const take = (event: Event): void => {
    const detail = inconsistency(state, event)
    if (detail !== undefined) inconsistent ??= { line: event.seq, detail }
    state = evolve(state, event)
    if (state.seq === seq) queueTextThen = queueFileText(state)
  }
  const scan = await scanFileLog<Event>({ dir, codec: lineCodec }, events => {
    for (const event of events) take(event)
    report(state.seq)
  })()
  return { scan, state, inconsistent, queueTextThen, queueTextNow: () => queueFileText(state) }
}
