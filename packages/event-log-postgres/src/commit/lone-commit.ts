import * as E from 'fp-ts/lib/Either.js'
import type { Numbered } from '@claimlog/event-log'
import { monotonicMs, type SendRequest } from '../connect/connection.ts'
import { isLasting } from '../connect/server-error.ts'
import type { AppendRequest } from '../connect/statements.ts'
import type { PostgresContext } from '../log-context.ts'
import { type AppendOutcome, sendAppend, toAppendFailure, toAppendOutcome } from './append.ts'
import type { CommitBatch, PendingCall } from './append-batch.ts'

/** An append that was answered. */
export type Attempt<A> = { readonly batch: CommitBatch<A>; readonly outcome: AppendOutcome }

/**
 * Steps 1 and 2 of a commit. Returns the decisions to append; undefined: there is nothing to append, and the calls are
 * answered, or events came in between and they must be decided again. `isAlone`: no other process appends meanwhile.
 */
export type DecideNow<A> = (
  calls: Array<PendingCall<A>>,
  first: PendingCall<A>,
  isAlone: boolean,
  send: SendRequest,
) => Promise<CommitBatch<A> | undefined>

/** As long as an append waits for a lock, which is less than the time after which the connection is given up. */
const lockWaitMsMax = 3000
const [idleMsMin, idleMsMax] = [1000, 10_000]

/**
 * One attempt while other appends to the log wait, for calls that lost against them too often or take long to decide:
 * locks, reads on, decides and appends in one transaction. A client that stands still meanwhile loses the lock after a
 * second, or several times as long as it last took to decide. undefined: nothing was appended, or the calls are
 * answered already.
 */
export const commitAlone = async <A extends Numbered>({
  context,
  calls,
  first,
  decideNow,
  toRequest,
  decideMs,
}: {
  readonly context: PostgresContext<A>
  readonly calls: Array<PendingCall<A>>
  readonly first: PendingCall<A>
  readonly decideNow: DecideNow<A>
  readonly toRequest: (batch: CommitBatch<A>) => AppendRequest
  readonly decideMs: number
}): Promise<Attempt<A> | undefined> => {
  const { connection, sql, workspaceId, path } = context
  let sent: { readonly batch: CommitBatch<A>; readonly request: AppendRequest } | undefined
  const answer = await connection.transaction(async send => {
    const waitMs = Math.min(lockWaitMsMax, first.deadlineMs - monotonicMs())
    // Both are sent at once, so that the others wait one round trip less: the server reads when it has the lock.
    const idleMs = Math.min(idleMsMax, Math.max(idleMsMin, 4 * decideMs))
    const locked = send(sql.lockExclusively(workspaceId, waitMs, idleMs), first.deadlineMs)()
    const [, batch] = await Promise.all([locked, decideNow(calls, first, true, send)])
    if (batch === undefined) return undefined
    sent = { batch, request: { ...toRequest(batch), turn: 'keep' } }
    return E.map(toAppendOutcome)(await send(sql.append(sent.request), first.deadlineMs)())
  })()
  if (sent === undefined) return undefined
  const { batch, request } = sent
  if (E.isRight(answer))
    return answer.right === undefined || E.isLeft(answer.right) ? undefined : { batch, outcome: answer.right.right }
  // The same append again, outside of the transaction: perhaps it is done and only its answer was lost.
  if (answer.left.wasSent) return { batch, outcome: await sendAppend(context, request, first.deadlineMs) }
  if (!isLasting(answer.left.error)) return undefined
  return { batch, outcome: { _tag: 'Failed', failure: toAppendFailure(path, request.expectedSeq, answer.left) } }
}
