import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { isSameJson } from '@claimlog/codecs'
import {
  decide,
  emptyState,
  type Event,
  fold,
  readingOf,
  type Refusal,
  type Request,
  type State,
} from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { type Answer, answerOf, commandAt, type Order } from './order.ts'

/**
 * What a command was answered when its request came first, told from the log: the same question at the same place comes
 * to the same events. Refuses with `request_reused` where it does not, as then it is another question under an id that
 * was used before. Reads the log from its first line.
 */
export const firstAnswer =
  (log: EventLog<Event>, order: Order, { firstSeq, lastSeq }: Request): TE.TaskEither<Refusal | ReadFailure, Answer> =>
  async () => {
    let before = emptyState()
    const then: Array<Event> = []
    const read = await log.readAfter(0, events => {
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

/** Decides `order` on the state `before` the events that it came to. */
const decideAgain = (
  before: State,
  then: ReadonlyArray<Event>,
  firstSeq: number,
  order: Order,
): E.Either<Refusal, Answer> => {
  const [first] = then
  if (first === undefined) throw new Error(`the log no longer holds event ${firstSeq}`)
  const decided = decide(commandAt(asOf(first, order), readingOf(first)), before)
  const { requestId = '' } = order
  if (E.isLeft(decided) || !isSameJson(decided.right.events, then.map(said)))
    return E.left({ error: 'request_reused', requestId, seq: firstSeq })
  return E.right(answerOf(fold(before, then), decided.right))
}

/** A workspace's id is no part of the question: whoever asks makes a new one each time. */
const asOf = (first: Event, order: Order): Order =>
  order.command === 'open' && first.event === 'opened' ? { ...order, workspace: first.workspace } : order

/** An event without what the log adds to it. */
const said = ({ hash: _hash, more: _more, ...event }: Event): unknown => event
