import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refusal, State, Time } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'

/**
 * What `view` makes of a state, at the moment `now`. The state is the workspace's own and goes on with it: `view` must
 * take what it needs out of it at once.
 */
export type ReadView = <A>(view: (state: State, now: Time) => A) => TE.TaskEither<Refusal | ReadFailure, A>
