import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  closed,
  type Fold,
  type LifeCycle,
  type Numbered,
  type ReadFailure,
  type TransactFailure,
} from '@claimlog/event-log'
import { monotonicMs, type SendRequest } from '../connect/connection.ts'
import type { AppendRequest } from '../connect/statements.ts'
import type { PostgresContext } from '../log-context.ts'
import type { KnownEnd } from '../read/known-end.ts'
import { toPosition } from '../read/page-reader.ts'
import { lockTimeout, sendAppend } from './append.ts'
import { type CommitBatch, answerBatch, decideBatch, nextOffsets, type PendingCall } from './append-batch.ts'
import { type Attempt, commitAlone, type DecideNow } from './lone-commit.ts'
import { createTurn } from './turn.ts'

/** After this long without an append of its own, a call that has no turns keeps the others away for one append. */
const patienceMs = 80
/** So does a call that takes so long to decide: a turn ends if its session is idle for twice as long. */
const decideMsMax = 100
/** Long, because each vain attempt costs both sides as much as a successful one. */
const firstBackOffMs = 16
const backOffMsMax = 64
/** A request is given up by so much before its deadline at most, instead of pausing again. */
const lastPauseMs = 500

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Makes the decisions of some calls, which have the same fold, and answers each of them: see `group-commit.ts`. */
export const createBatchCommit = <A extends Numbered>(
  context: PostgresContext<A>,
  end: KnownEnd<A>,
  life: LifeCycle,
  durable: boolean,
  onAppend: (isAwaited: boolean) => void,
): ((calls: Array<PendingCall<A>>) => Promise<void>) => {
  const { connection, workspaceId, clock, usesTurns } = context
  const steps = { context, end, onAppend }
  const turn = createTurn(context)
  /** The time that the last decision took. */
  let decideMs = 0

  const toRequest = ({ lines, decisionLengths }: CommitBatch<A>): AppendRequest => {
    const { seq: expectedSeq, hash: previousHash } = end.position()
    const appendId = randomUUID()
    return { workspaceId, expectedSeq, previousHash, lines, decisionLengths, durable, appendId, turn: turn.request() }
  }

  const decideNow: DecideNow<A> = async (calls, first, isAlone, sendAny) => {
    const { fold } = first
    const send = withinDeadline(sendAny, first)
    // 1. Catch up: the caller may have started late, and this machine may have slept.
    const isKnownLast = !isAlone && !clock.isStale()
    if (!(await succeeds(calls, isKnownLast ? end.catchUp(fold, send) : end.readToEnd(fold, send)))) return undefined
    // 2. Decide.
    const knownSeq = end.position().seq
    const startMs = monotonicMs()
    const batch = decideBatch(context.codec, end.position(), calls)
    decideMs = monotonicMs() - startMs
    if (batch.lines.length > 0) return batch
    // A refusal on an end that others have moved on from would be older than the question.
    if (isKnownLast && !(await succeeds(calls, end.readToEnd(fold, send)))) return undefined
    if (end.position().seq === knownSeq) answerBatch(calls, batch)
    return undefined
  }

  const attempt = async (calls: Array<PendingCall<A>>, first: PendingCall<A>): Promise<Attempt<A> | undefined> => {
    const batch = await decideNow(calls, first, false, connection.request)
    if (batch === undefined) return undefined
    // 3. Append.
    const outcome = await sendAppend(context, toRequest(batch), first.deadlineMs)
    turn.note(outcome)
    return { batch, outcome }
  }

  return async calls => {
    const startMs = monotonicMs()
    let conflicts = 0
    for (;;) {
      dropUnwanted(calls, life)
      const [first] = calls
      if (first === undefined) {
        turn.rest()
        return
      }
      const isSlow = usesTurns ? decideMs > decideMsMax : monotonicMs() - startMs > patienceMs
      const isPatient = conflicts === 0 || !isSlow
      const alone = { context, calls, first, decideNow, toRequest, decideMs }
      const attempted = await (isPatient ? attempt(calls, first) : commitAlone(alone))
      if (attempted !== undefined) conflicts = (await settle(steps, calls, first, attempted)) ? conflicts + 1 : 0
      // No lock, so one attempt without it: it waits for a server that is out of reach, and knows why it failed.
      else if (!isPatient) conflicts = 0
      if (calls.includes(first) && monotonicMs() >= first.deadlineMs)
        failCalls(calls, lockTimeout(context.path, monotonicMs() - startMs, true))
      if (conflicts > 0 && !usesTurns) await sleep(backOffMs(conflicts))
    }
  }
}

/** Step 4. Returns true if others were faster; their events are applied then. */
const settle = async <A extends Numbered>(
  {
    context: { clock, connection },
    end,
    onAppend,
  }: {
    readonly context: PostgresContext<A>
    readonly end: KnownEnd<A>
    readonly onAppend: (isAwaited: boolean) => void
  },
  calls: Array<PendingCall<A>>,
  first: PendingCall<A>,
  { batch, outcome }: Attempt<A>,
): Promise<boolean> => {
  const { fold } = first
  switch (outcome._tag) {
    case 'Appended':
      clock.set(outcome.atMs)
      confirmBatch(end, fold, batch)
      answerBatch(calls, batch)
      onAppend(outcome.isAwaited)
      return false
    case 'Failed':
      failCalls(calls, outcome.failure)
      return false
    case 'Conflict':
      clock.set(outcome.page.atMs)
      await succeeds(calls, end.addPage(fold, outcome.page, withinDeadline(connection.request, first)))
      return true
  }
}

/** Lets a read wait as long as the call that needs it, and not for as long again. */
const withinDeadline =
  <A>(send: SendRequest, { deadlineMs }: PendingCall<A>): SendRequest =>
  statement =>
    send(statement, deadlineMs)

/** Moves the known end behind the events of a batch, and applies them. */
const confirmBatch = <A extends Numbered>(end: KnownEnd<A>, fold: Fold<A>, { events, hash }: CommitBatch<A>): void => {
  const { seq } = end.position()
  end.seek(toPosition(seq + events.length, hash))
  fold.apply(events, nextOffsets(seq, events.length))
}

const backOffMs = (conflicts: number): number =>
  Math.random() * Math.min(backOffMsMax, firstBackOffMs * 2 ** (conflicts - 1))

/**
 * Answers calls with a failure: all, unless it is one that waiting may end, and the first call has waited until its
 * deadline. Those with a later one are tried again.
 */
const failCalls = <A>(calls: Array<PendingCall<A>>, failure: TransactFailure): void => {
  const now = monotonicMs()
  const mayPass = failure.failure === 'Unreachable' || failure.failure === 'LockTimeout'
  const isOverdue = mayPass && now + lastPauseMs >= (calls[0]?.deadlineMs ?? 0)
  const isFailed = (call: PendingCall<A>, i: number): boolean => !isOverdue || i === 0 || call.deadlineMs <= now
  for (const call of calls.filter(isFailed)) {
    calls.splice(calls.indexOf(call), 1)
    call.resolve(E.left(failure))
  }
}

/** Runs a read; false: it failed, and so did calls: see {@link failCalls}. */
const succeeds = async <A>(calls: Array<PendingCall<A>>, read: TE.TaskEither<ReadFailure, void>): Promise<boolean> => {
  const readResult = await read()
  if (E.isLeft(readResult)) failCalls(calls, readResult.left)
  return E.isRight(readResult)
}

/** Answers the calls that no caller waits for any more, or that a closing log leaves undecided. */
const dropUnwanted = <A>(calls: Array<PendingCall<A>>, life: LifeCycle): void => {
  for (let i = calls.length - 1; i >= 0; i -= 1) {
    const call = calls[i] as PendingCall<A>
    if (!life.isOverdue() && call.isWanted()) continue
    call.resolve(closed)
    calls.splice(i, 1)
  }
}
