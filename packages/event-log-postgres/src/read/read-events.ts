import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { LogCursor, LogOffset, Numbered, OnEvents, ReadFailure } from '@claimlog/event-log'
import { type EventCodec, isChained, type LogPosition, startOfLog } from '@claimlog/event-log-line'
import { monotonicMs, type SendRequest, toRequestFailure } from '../connect/connection.ts'
import type { Rows, Statement } from '../connect/session.ts'
import type { PostgresContext, ServerContext } from '../log-context.ts'
import { historyChanged, openPageReader, toPosition } from './page-reader.ts'

/** Which events to read, and what to do with them. */
export type ReadRequest<A> = {
  /** Read the events after this one. */
  readonly seq: number
  readonly codec: EventCodec<A>
  readonly onEvents: OnEvents<A>
  /** Stop after a page if this returns true. */
  readonly shouldStop?: () => boolean
}

/**
 * Reads on its own, apart from the known end of the log. Returns the position it reached. Fails unless the log still
 * has the line at `known`, the end that was known before.
 */
export const readEvents = <A extends Numbered>(
  context: ServerContext,
  known: LogPosition,
  send: SendRequest,
  { seq, codec, onEvents, shouldStop }: ReadRequest<A>,
): TE.TaskEither<ReadFailure, LogPosition> => {
  const readRest = (start: LogPosition): TE.TaskEither<ReadFailure, LogPosition> => {
    const reader = openPageReader(context, codec, onEvents)
    reader.seek(start)
    return pipe(
      reader.readToEnd(send, shouldStop),
      TE.chain(() => hasLine(context, known, send)),
      TE.chain(isSame =>
        isSame ? TE.right(reader.position()) : TE.left(historyChanged(context.path, known.seq, true)),
      ),
    )
  }
  return pipe(
    findStart(context, known, seq, send),
    TE.chain(start => (start === undefined ? TE.right(known) : readRest(start))),
  )
}

/** The position after event `seq`; undefined: the log ends before it. */
const findStart = (
  context: ServerContext,
  known: LogPosition,
  seq: number,
  send: SendRequest,
): TE.TaskEither<ReadFailure, LogPosition | undefined> => {
  if (seq === 0) return TE.right(startOfLog)
  if (seq === known.seq) return TE.right(known)
  return pipe(
    readLineHash(context, seq, send),
    TE.chain(hash => {
      if (hash !== undefined) return TE.right(toPosition(seq, hash))
      return seq < known.seq ? TE.left(historyChanged(context.path, seq, true)) : TE.right(undefined)
    }),
  )
}

/** True if the log has the line `seq` with this hash, which covers everything before it. */
const hasLine = (
  context: ServerContext,
  { seq, hash }: Pick<LogPosition, 'seq' | 'hash'>,
  send: SendRequest,
): TE.TaskEither<ReadFailure, boolean> =>
  seq === 0
    ? TE.right(true)
    : pipe(
        readLineHash(context, seq, send),
        TE.map(found => found === hash),
      )

const readLineHash = (
  context: ServerContext,
  seq: number,
  send: SendRequest,
): TE.TaskEither<ReadFailure, string | undefined> =>
  pipe(
    ask(context, context.sql.readHash(context.workspaceId, seq), send),
    TE.map(([row]) => (typeof row?.['hash'] === 'string' ? row['hash'] : undefined)),
  )

/** Sends a statement that reads. */
const ask = (
  { path, lockTimeoutMs }: ServerContext,
  statement: Statement,
  send: SendRequest,
): TE.TaskEither<ReadFailure, Rows> => {
  const sent: TE.TaskEither<Parameters<typeof toRequestFailure>[2], Rows> = () =>
    send(statement, monotonicMs() + lockTimeoutMs)()
  return pipe(
    sent,
    TE.mapLeft(noAnswer => toRequestFailure(path, 'read', noAnswer)),
  )
}

/** The cursor after a position. Begins with the name of this implementation, so that no other takes it for its own. */
export const toCursor = ({ seq, hash }: LogPosition): LogCursor => ({ seq, location: `pg ${hash}` })

/** The position of a cursor; undefined: it is none of this implementation, or of another history. */
export const findCursor = (
  context: ServerContext,
  { seq, location }: LogCursor,
): TE.TaskEither<ReadFailure, LogPosition | undefined> => {
  const hash = /^pg ([0-9a-f]{32})$/.exec(location)?.[1]
  if (hash === undefined || !(seq > 0)) return TE.right(undefined)
  return pipe(
    hasLine(context, { seq, hash }, context.connection.request),
    TE.map(isThere => (isThere ? toPosition(seq, hash) : undefined)),
  )
}

/** The events at `offsets`, each checked against the hash of the line before it; undefined: not all of them are there. */
export const readByOffset = <A extends Numbered>(
  context: PostgresContext<A>,
  offsets: ReadonlyArray<LogOffset>,
): TE.TaskEither<ReadFailure, ReadonlyArray<A> | undefined> => {
  if (offsets.length === 0) return TE.right([])
  const { codec, sql, workspaceId, connection } = context
  return pipe(
    ask(context, sql.readLines(workspaceId, [...new Set(offsets.map(offset => offset + 1))]), connection.request),
    TE.map(rows => {
      const events = new Map(rows.flatMap(row => toEntry(codec, row)))
      const found = offsets.flatMap(offset => events.get(offset) ?? [])
      return found.length === offsets.length ? found : undefined
    }),
  )
}

/** The offset and the event of a row; none if its line does not follow the one before it. */
const toEntry = <A>(
  codec: EventCodec<A>,
  { seq, line, previous }: Rows[number],
): ReadonlyArray<readonly [LogOffset, A]> => {
  if (typeof line !== 'string' || !isChained(typeof previous === 'string' ? previous : '', line)) return []
  const event = codec.decode(JSON.parse(line))
  return E.isRight(event) ? [[Number(seq) - 1, event.right]] : []
}
