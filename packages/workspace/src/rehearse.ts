import * as E from 'fp-ts/lib/Either.js'
import { decide, foldOver, type Refusal, type State, type Time } from '@claimlog/domain'
import { type Answer, answerOf } from './answer.ts'
import { commandSeen, type Order } from './order.ts'

/**
 * What `order` would be answered if it were carried out on `state` at the moment `now`, or why it would be refused. It is
 * decided by the same rules, and nothing is written; an order that came before under its request id comes to nothing.
 */
export const rehearse = (state: State, now: Time, order: Order): E.Either<Refusal, Answer> => {
  const decided = decide(state, commandSeen(order, state, now))
  if (E.isLeft(decided)) return decided
  return E.right(answerOf(foldOver(state, decided.right.events), decided.right))
}
