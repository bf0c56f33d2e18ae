import type * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { currentState } from '@claimlog/workspace'
import { type Event, invariantViolation, lineCodec, type State } from '@claimlog/domain'
import type { EventLog, OnEvents, ReadFailure } from '@claimlog/event-log'
import { type Scan, scanFileLog } from '@claimlog/event-log-file'
import type { FoldedLog } from './checkpoint-comparison.ts'

/** The end of a whole log. In a database no byte is unfinished, and lines have no offsets. */
export type LogEnd = Omit<Scan, 'findLineOffset'> & { readonly findLineOffset: (line: number) => number | undefined }

/** The results of one pass over the log. A damaged log is read up to the damage. */
export type LogScan<End = Scan> = {
  readonly scan: E.Either<ReadFailure, End>
  readonly state: State
  /** The same state, with everything that a checkpoint stores of it. */
  readonly fold: FoldedLog
  /** The first intact line whose event is invalid after the events before it. */
  readonly invalidEvent: { readonly line: number; readonly detail: string } | undefined
}

/** Calls `visit` with the state after line `seq`, if the log has that line. */
export type StateVisitor = { readonly seq: number; readonly visit: (state: State) => void }

/** Reads the log in `dir` once, for all checks. */
export const readLog = (
  dir: string,
  visitor: StateVisitor | undefined,
  report: (seq: number) => void,
): Promise<LogScan> => foldLog(onEvents => scanFileLog<Event>({ dir, codec: lineCodec }, onEvents), visitor, report)

/** Reads a log on a server once, from its first line. `logId`: its id there, if known. */
export const readServerLog = (
  log: Pick<EventLog<Event>, 'read' | 'describe'>,
  logId: string | undefined,
  report: (seq: number) => void,
): Promise<LogScan<LogEnd>> => {
  let hash = ''
  const scan = (onEvents: OnEvents<Event>): TE.TaskEither<ReadFailure, LogEnd> =>
    pipe(
      log.read(0, (events, offsets) => {
        hash = events.at(-1)?.hash ?? hash
        onEvents(events, offsets)
      }),
      TE.map(seq => ({ path: log.describe(), seq, hash, unfinishedBytes: 0, findLineOffset: () => undefined })),
    )
  return foldLog(scan, undefined, report, logId)
}

/** Folds the events that `scan` passes on, and checks that each is valid after those before it. */
const foldLog = async <End>(
  scan: (onEvents: OnEvents<Event>) => TE.TaskEither<ReadFailure, End>,
  visitor: StateVisitor | undefined,
  report: (seq: number) => void,
  logId?: string,
): Promise<LogScan<End>> => {
  const fold = currentState(logId)
  let invalidEvent: LogScan['invalidEvent']
  const applyEvent = (event: Event, address: number): void => {
    const detail = invariantViolation(fold.get(), event)
    if (detail !== undefined) invalidEvent ??= { line: event.seq, detail }
    fold.apply([event], [address])
    if (event.seq === visitor?.seq) visitor.visit(fold.get())
  }
  const end = await scan((events, addresses) => {
    events.forEach((event, i) => applyEvent(event, addresses[i] as number))
    report(fold.get().seq)
  })()
  return { scan: end, state: fold.get(), fold, invalidEvent }
}
