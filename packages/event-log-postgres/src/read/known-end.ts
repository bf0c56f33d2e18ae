import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { applyNew, type Fold, type Numbered, type ReadFailure } from '@claimlog/event-log'
import type { LogPosition } from '@claimlog/event-log-line'
import type { SendRequest } from '../connect/connection.ts'
import type { LinePage } from '../connect/statements.ts'
import type { PostgresContext } from '../log-context.ts'
import { openPageReader } from './page-reader.ts'
import { readEvents } from './read-events.ts'

/** The end of the log up to which this process has read or written. */
export type KnownEnd<A> = {
  readonly position: () => LogPosition
  /** Continues from `position`, up to which this log is known to be sound. */
  readonly seek: (position: LogPosition) => void
  /** Reads on to the end of the log and applies it, or until `shouldStop` returns true after a page. */
  readonly readToEnd: (fold: Fold<A>, send: SendRequest, shouldStop?: () => boolean) => TE.TaskEither<ReadFailure, void>
  /** Applies every event after `fold.seq` up to the known end, and what follows if the fold is behind it. */
  readonly catchUp: (fold: Fold<A>, send: SendRequest) => TE.TaskEither<ReadFailure, void>
  /** Applies the lines of other writers that an append was answered with, and those behind them. */
  readonly addPage: (fold: Fold<A>, page: LinePage, send: SendRequest) => TE.TaskEither<ReadFailure, void>
}

export const createKnownEnd = <A extends Numbered>(context: PostgresContext<A>): KnownEnd<A> => {
  let lastFold: Fold<A> = { seq: 0, apply: () => undefined }
  const reader = openPageReader(context, context.codec, (events, offsets) => applyNew(lastFold, events, offsets))

  const catchUp: KnownEnd<A>['catchUp'] = (fold, send) => {
    if (fold.seq === reader.position().seq) return TE.right(undefined)
    const request = { seq: fold.seq, codec: context.codec, onEvents: fold.apply }
    return pipe(
      readEvents(context, reader.position(), send, request),
      TE.map(position => {
        if (position.seq > reader.position().seq) reader.seek(position)
      }),
    )
  }
  return {
    position: reader.position,
    seek: reader.seek,
    catchUp,
    readToEnd: (fold, send, shouldStop) =>
      pipe(
        catchUp(fold, send),
        TE.chain(() => {
          lastFold = fold
          return reader.readToEnd(send, shouldStop)
        }),
      ),
    addPage: (fold, page, send) => {
      lastFold = fold
      return pipe(
        TE.fromEither(reader.addRows(page.rows)),
        TE.chain(() => (page.isLast ? TE.right(undefined) : reader.readToEnd(send))),
      )
    },
  }
}
