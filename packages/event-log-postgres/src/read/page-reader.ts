import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { HistoryChanged, Numbered, OnEvents, ReadFailure } from '@claimlog/event-log'
import {
  type DecisionReader,
  describeChainBreak,
  type EventCodec,
  type LogPosition,
  openDecisionReader,
  preferNativeHash,
  readHash,
} from '@claimlog/event-log-line'
import { monotonicMs, type SendRequest, toRequestFailure } from '../connect/connection.ts'
import type { ServerContext } from '../log-context.ts'
import { type LineRow, toPage } from '../connect/statements.ts'

/** The position after event `seq`, whose line has `hash`. The offset of an event is the number of events before it. */
export const toPosition = (seq: number, hash: string): LogPosition => ({ seq, lineOffset: seq - 1, offset: seq, hash })

/** Reads the lines of a log from a position, checking the seq, the chain and the shape of every line. */
export type PageReader = Pick<DecisionReader, 'position' | 'seek'> & {
  /** Checks the lines after the position and passes on their decisions. */
  readonly addRows: (rows: ReadonlyArray<LineRow>) => E.Either<ReadFailure, void>
  /** Reads up to the end of the log, or until `shouldStop` returns true after a page. */
  readonly readToEnd: (send: SendRequest, shouldStop?: () => boolean) => TE.TaskEither<ReadFailure, void>
}

/** A reader at the start of the log. Passes whole decisions to `emit`, in order, each event with its offset. */
export const openPageReader = <A extends Numbered>(
  { path, sql, workspaceId, clock, lockTimeoutMs }: ServerContext,
  codec: EventCodec<A>,
  emit: OnEvents<A>,
): PageReader => {
  const decisions = openDecisionReader(path, codec, emit, (line, { seq }) => ({
    detail: describeChainBreak(line, seq + 1),
  }))

  const addRows = (rows: ReadonlyArray<LineRow>): E.Either<ReadFailure, void> => {
    preferNativeHash(rows.reduce((length, { line }) => length + line.length, 0))
    try {
      for (const { line } of rows) {
        const failure = decisions.addLine(line, 1)
        if (failure !== undefined) return E.mapLeft(removeOffset)(failure)
      }
      return E.right(undefined)
    } finally {
      // Whole decisions before an error are passed on all the same.
      decisions.emitWhole()
    }
  }

  /** Adds the lines of one page; true: the log ends with it. It begins with the last known line, which must be there. */
  const addPage = (answer: Parameters<typeof toPage>[0]): E.Either<ReadFailure, boolean> => {
    const { seq, hash } = decisions.readEnd()
    const { rows, atMs, isLast } = toPage(answer)
    clock.set(atMs)
    if (seq === 0) return E.map(() => isLast)(addRows(rows))
    if (readHash(rows[0]?.line ?? '') !== hash) return E.left(historyChanged(path, seq, rows.length === 0))
    return E.map(() => isLast || rows.length === 1)(addRows(rows.slice(1)))
  }

  return {
    position: decisions.position,
    seek: decisions.seek,
    addRows,
    readToEnd:
      (send, shouldStop = () => false) =>
      async () => {
        decisions.seek(decisions.position())
        for (;;) {
          const firstSeq = Math.max(1, decisions.readEnd().seq)
          const answer = await send(sql.readPage(workspaceId, firstSeq), monotonicMs() + lockTimeoutMs)()
          const page = E.isLeft(answer) ? E.left(toRequestFailure(path, 'read', answer.left)) : addPage(answer.right)
          if (E.isLeft(page)) return page
          if (page.right || shouldStop()) return E.right(undefined)
        }
      },
  }
}

/** The failure of a log that no longer has line `seq` as it was read. */
export const historyChanged = (path: string, seq: number, isMissing: boolean): HistoryChanged => ({
  failure: 'HistoryChanged',
  path,
  line: seq,
  detail: isMissing ? 'this line is not there any more' : 'this line was replaced by another history',
})

/** In a table, lines have no offset in bytes. */
const removeOffset = (failure: ReadFailure): ReadFailure => {
  if (!('offset' in failure)) return failure
  const { offset: _offset, ...rest } = failure
  return rest
}
