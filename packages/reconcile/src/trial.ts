import * as E from 'fp-ts/lib/Either.js'
import { decide, fold, type State } from '@claimlog/domain'
import { answerOf } from '@claimlog/workspace'
import { machineClock } from '@claimlog/workspace'
import { commandAt } from '@claimlog/workspace'
import type { Execute } from './carry-out.ts'

/** Decides command after command on a state of its own, by the same rules as the log's, and writes nothing. */
export const trialOn = (initial: State): Execute => {
  let state = initial
  const clock = machineClock()
  return async order => {
    const decided = decide(commandAt(order, clock()), state)
    if (E.isLeft(decided)) return decided
    state = fold(state, decided.right.events)
    return E.right(answerOf(state, decided.right))
  }
}
