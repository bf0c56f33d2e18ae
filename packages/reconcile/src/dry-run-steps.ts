import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { decide, fold, type State } from '@claimlog/domain'
import { type Clock, toCommandResult, toCommand } from '@claimlog/workspace'
import type { Execute } from './execute-steps.ts'

/** Dry run: decides each command on its own copy of the state, by the rules and the clock of the log. Writes nothing. */
export const createDryRun = (initial: State, clock: Clock): Execute => {
  let state = initial
  return input => async () =>
    pipe(
      decide(toCommand(input, clock()), state),
      E.map(decision => {
        state = fold(state, decision.events)
        return toCommandResult(state, decision)
      }),
    )
}
