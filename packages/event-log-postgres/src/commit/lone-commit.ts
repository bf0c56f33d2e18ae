import * as E from 'fp-ts/lib/Either.js'
import type { Numbered } from '@claimlog/event-log'
import { monotonicMs } from '../connect/connection.ts'
import type { AppendRequest } from '../connect/statements.ts'
import type { PostgresContext } from '../log-context.ts'
import { type AppendOutcome, sendAppend, toAppendFailure, toAppendOutcome } from './append.ts'
import type { CommitBatch, PendingCall } from './append-batch.ts'
import type { DecideNow } from './batch-commit.ts'

/** An append that was answered. */
export type Attempt<A> = { readonly batch: CommitBatch<A>; readonly outcome: AppendOutcome }

/**
 * One attempt while other appends to the log wait, for calls that lost against them too often: locks, reads on,
 * decides and appends in one transaction. A client that stands still meanwhile loses the lock after 5 s. undefined:
 * nothing was appended, or the calls are answered already.
 */
export const commitAlone = async <A extends Numbered>({
  context,
  calls,
  first,
  decideNow,
  toRequest,
}: {
  readonly context: PostgresContext<A>
  readonly calls: Array<PendingCall<A>>
  readonly first: PendingCall<A>
  readonly decideNow: DecideNow<A>
  readonly toRequest: (batch: CommitBatch<A>) => AppendRequest
}): Promise<Attempt<A> | undefined> => {
  const { connection, sql, workspaceId, path } = context
  let sent: { readonly batch: CommitBatch<A>; readonly request: AppendRequest } | undefined
  const answer = await connection.transaction(async send => {
    await send(sql.lockExclusively(workspaceId, first.deadlineMs - monotonicMs()), first.deadlineMs)()
    const batch = await decideNow(calls, first, true, send)
    if (batch === undefined) return undefined
    sent = { batch, request: toRequest(batch) }
    return E.map(toAppendOutcome)(await send(sql.append(sent.request), first.deadlineMs)())
  })()
  if (sent === undefined) return undefined
  const { batch, request } = sent
  if (E.isRight(answer))
    return answer.right === undefined || E.isLeft(answer.right) ? undefined : { batch, outcome: answer.right.right }
  // The same append again, outside of the transaction: perhaps it is done and only its answer was lost.
  if (answer.left.wasSent) return { batch, outcome: await sendAppend(context, request, first.deadlineMs) }
  if (answer.left.error._tag !== 'refused') return undefined
  return { batch, outcome: { _tag: 'Failed', failure: toAppendFailure(path, request.expectedSeq, answer.left) } }
}
