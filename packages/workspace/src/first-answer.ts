import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { isSameJson } from '@claimlog/codecs'
import {
  decide,
  emptyState,
  type Event,
  fold,
  getReading,
  type Refusal,
  type RequestEvents,
  type State,
} from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { type Answer, answerOf, commandAt, type Order } from './order.ts'

/**
 * Returns the result that a command got when its request came first, computed from the log: the same input at the same
 * seq gives the same events. Refuses with `request_reused` if it does not, because then a different command reuses the
 * id. Reads the log from its first line.
 */
export const firstAnswer =
  (
    log: EventLog<Event>,
    order: Order,
    { firstSeq, lastSeq }: RequestEvents,
  ): TE.TaskEither<Refusal | ReadFailure, Answer> =>
  async () => {
    let before = emptyState()
    const then: Array<Event> = []
    const read = await log.read(0, events => {
      before = fold(
        before,
        events.filter(event => event.seq < firstSeq),
      )
      // One by one: a decision may have more events than a call can have arguments.
      for (const event of events) if (event.seq >= firstSeq && event.seq <= lastSeq) then.push(event)
    })()
    return pipe(
      read,
      E.chainW(() => decideAgain(before, then, firstSeq, order)),
    )
  }

/** Decides `input` on `priorState`, the state before the events that it produced. */
const decideAgain = (
  before: State,
  then: ReadonlyArray<Event>,
  firstSeq: number,
  order: Order,
): E.Either<Refusal, Answer> => {
  const [first] = then
  if (first === undefined) throw new Error(`the log no longer holds event ${firstSeq}`)
  const decided = decide(commandAt(asOf(first, order), getReading(first)), before)
  const { requestId = '' } = order
  if (E.isLeft(decided) || !isSameJson(decided.right.events, then.map(said)))
    return E.left({ error: 'request_reused', requestId, seq: firstSeq })
  return E.right(answerOf(fold(before, then), decided.right))
}

/** The id of a workspace is not part of the input: each caller generates a new one. */
const asOf = (first: Event, order: Order): Order =>
  order.command === 'open' && first.event === 'opened' ? { ...order, workspace: first.workspace } : order

/** An event without the fields that the log adds. */
const said = ({ hash: _hash, more: _more, ...event }: Event): unknown => event
