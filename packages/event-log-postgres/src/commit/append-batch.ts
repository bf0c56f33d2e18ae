import * as E from 'fp-ts/lib/Either.js'
import { assertConsecutiveSeqs, type Fold, type HasEvents, type LogOffset, type Numbered } from '@claimlog/event-log'
import { encodeDecision, type EventCodec, type LogPosition } from '@claimlog/event-log-line'

/** A call that waits to be decided, and the callbacks of its caller. */
export type PendingCall<A> = {
  readonly fold: Fold<A>
  readonly decide: () => E.Either<unknown, HasEvents<A>>
  readonly result: (decision: HasEvents<A>) => unknown
  readonly isWanted: () => boolean
  readonly resolve: (outcome: E.Either<unknown, unknown>) => void
  readonly reject: (defect: unknown) => void
  readonly deadlineMs: number
}

/** A call that was decided, and is answered when the server has confirmed what it was decided on. */
type DecidedCall<A> = {
  readonly call: PendingCall<A>
  readonly outcome: E.Either<unknown, HasEvents<A>>
  /** Its result on the provisional events; undefined: it is computed once they are in the log. */
  readonly provisional: { readonly result: unknown } | undefined
}

/** The decisions of one append, and their lines. */
export type CommitBatch<A> = {
  readonly decided: ReadonlyArray<DecidedCall<A>>
  readonly events: ReadonlyArray<A>
  readonly lines: ReadonlyArray<string>
  /** The number of lines of each decision. */
  readonly decisionLengths: ReadonlyArray<number>
  /** The hash of the last line. */
  readonly hash: string
}

/** The length of the lines of an append, in characters, from which on no more decisions join it. */
const batchLengthMax = 1024 * 1024

/** The offsets of events numbered from `seq` + 1. */
export const nextOffsets = (seq: number, count: number): ReadonlyArray<LogOffset> =>
  Array.from({ length: count }, (_, i) => seq + i)

/**
 * Makes the decisions of `calls`, which have the same fold, each on top of the one before it, at the end of the log as
 * it is known. What is applied to the fold meanwhile is dropped again. A call whose decision or result throws rejects,
 * and is removed from `calls`. Only the first calls are decided if the fold cannot apply events provisionally, or if
 * their lines get long.
 */
export const decideBatch = <A extends Numbered>(
  codec: EventCodec<A>,
  end: LogPosition,
  calls: Array<PendingCall<A>>,
): CommitBatch<A> => {
  for (;;) {
    const batch = decideOnce(codec, end, calls)
    if ('batch' in batch) return batch.batch
    calls.splice(calls.indexOf(batch.broken), 1)
    batch.broken.reject(batch.defect)
  }
}

type BrokenCall<A> = { readonly broken: PendingCall<A>; readonly defect: unknown }

const decideOnce = <A extends Numbered>(
  codec: EventCodec<A>,
  end: LogPosition,
  calls: ReadonlyArray<PendingCall<A>>,
): { readonly batch: CommitBatch<A> } | BrokenCall<A> => {
  const fold = calls[0]?.fold
  const dropProvisional = calls.length > 1 ? fold?.applyProvisionally?.() : undefined
  const decided: Array<DecidedCall<A>> = []
  const [events, lines, decisionLengths]: [Array<A>, Array<string>, Array<number>] = [[], [], []]
  let hash = end.hash
  let length = 0
  try {
    for (const call of calls) {
      try {
        const outcome = call.decide()
        const own = E.isRight(outcome) ? outcome.right.events : []
        assertConsecutiveSeqs(end.seq + events.length, own)
        const encoded = encodeDecision(codec, own, hash)
        if (E.isLeft(encoded)) {
          decided.push({ call, outcome: encoded, provisional: undefined })
          continue
        }
        if (dropProvisional !== undefined && own.length > 0)
          fold?.apply(own, nextOffsets(end.seq + events.length, own.length))
        const isAnswered = dropProvisional !== undefined && E.isRight(outcome)
        decided.push({ call, outcome, provisional: isAnswered ? { result: call.result(outcome.right) } : undefined })
        if (own.length > 0) decisionLengths.push(own.length)
        for (const event of own) events.push(event)
        for (const line of encoded.right.lines) {
          lines.push(line)
          length += line.length
        }
        hash = own.length > 0 ? encoded.right.hash : hash
      } catch (defect) {
        return { broken: call, defect }
      }
      if (length >= batchLengthMax || (dropProvisional === undefined && lines.length > 0)) break
    }
  } finally {
    dropProvisional?.()
  }
  return { batch: { decided, events, lines, decisionLengths, hash } }
}

/** Answers the calls of a batch whose events, if any, were applied to their fold, and removes them from `calls`. */
export const answerBatch = <A>(calls: Array<PendingCall<A>>, { decided }: CommitBatch<A>): void => {
  calls.splice(0, decided.length)
  for (const { call, outcome, provisional } of decided) {
    if (E.isLeft(outcome)) call.resolve(outcome)
    else if (provisional !== undefined) call.resolve(E.right(provisional.result))
    else
      try {
        call.resolve(E.right(call.result(outcome.right)))
      } catch (defect) {
        call.reject(defect)
      }
  }
}
