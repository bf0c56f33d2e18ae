import * as E from 'fp-ts/lib/Either.js'
import { type TransactFailure, withSystemError } from '@claimlog/event-log'
import { type NoAnswer, toRequestFailure } from '../connect/connection.ts'
import { anotherHistoryState, lockTimeoutState, movedState } from '../connect/server-error.ts'
import type { Rows } from '../connect/session.ts'
import { type AppendRequest, type LinePage, toPage } from '../connect/statements.ts'
import type { PostgresContext } from '../log-context.ts'
import { historyChanged } from '../read/page-reader.ts'

/** The answer to an append: done; others were faster, and these are their lines; or it failed. */
export type AppendOutcome =
  | { readonly _tag: 'Appended'; readonly atMs: number; readonly isAwaited: boolean; readonly hasTurn: boolean }
  | { readonly _tag: 'Conflict'; readonly page: LinePage; readonly hasTurn: boolean }
  | { readonly _tag: 'Failed'; readonly failure: TransactFailure }

/**
 * Sends an append until it is answered, at the latest at `deadlineMs`. Its id makes that safe: the server does it once,
 * even if an earlier one arrives after a later one was answered.
 */
export const sendAppend = async <A>(
  { connection, sql, path }: PostgresContext<A>,
  request: AppendRequest,
  deadlineMs: number,
): Promise<AppendOutcome> => {
  const answer = await connection.request(sql.append(request), deadlineMs)()
  return E.isRight(answer)
    ? toAppendOutcome(answer.right)
    : { _tag: 'Failed', failure: toAppendFailure(path, request.expectedSeq, answer.left) }
}

export const toAppendOutcome = (rows: Rows): AppendOutcome => {
  const page = toPage(rows)
  const hasTurn = rows[0]?.['has_turn'] === true
  return page.rows.length === 0
    ? { _tag: 'Appended', atMs: page.atMs, isAwaited: rows[0]?.['awaited'] !== false, hasTurn }
    : { _tag: 'Conflict', page, hasTurn }
}

/** The failure of an append without an answer. */
export const toAppendFailure = (path: string, expectedSeq: number, noAnswer: NoAnswer): TransactFailure => {
  const { error, wasSent, waitedMs } = noAnswer
  if (error.code === anotherHistoryState) return historyChanged(path, expectedSeq, false)
  if (error.code === movedState) return { failure: 'Moved', path, target: undefined }
  if (error.code === lockTimeoutState && !wasSent) return lockTimeout(path, waitedMs, false)
  if (!wasSent) return toRequestFailure(path, 'append to', noAnswer)
  const { detail, thrown } = error
  return withSystemError({ failure: 'OutcomeUnknown', path, operation: 'append to', detail, isUsable: true }, thrown)
}

/** Other writers, or a lock on the table, kept this one from writing until the deadline. */
export const lockTimeout = (path: string, waitedMs: number, changedHands: boolean): TransactFailure => ({
  failure: 'LockTimeout',
  path,
  waitedMs: Math.round(waitedMs),
  holderPid: undefined,
  holders: [],
  changedHands,
})
