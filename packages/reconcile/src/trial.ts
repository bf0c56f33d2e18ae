import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { decide, fold, type State } from '@claimlog/domain'
import { answerOf, commandAt, machineClock } from '@claimlog/workspace'
import type { Execute } from './carry-out.ts'

/** Dry run: decides each command on its own copy of the state, by the rules of the log, and writes nothing. */
export const trialOn = (initial: State): Execute => {
  let state = initial
  const clock = machineClock()
  return order => async () =>
    pipe(
      decide(commandAt(order, clock()), state),
      E.map(decision => {
        state = fold(state, decision.events)
        return answerOf(state, decision)
      }),
    )
}
