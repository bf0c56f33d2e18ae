import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Refusal, State, Time } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'

/** The log is there, but nobody has opened a workspace in it. */
export type NoWorkspace = Extract<Refusal, { error: 'no_workspace' }>

/**
 * What `view` makes of the state as the log has it now, at the moment `now`. The state is the workspace's own and goes on
 * with it: `view` must take what it needs out of it at once.
 */
export type ReadView = <A>(view: (state: State, now: Time) => A) => TE.TaskEither<NoWorkspace | ReadFailure, A>
