import * as E from 'fp-ts/lib/Either.js'
import type { Moment } from '@claimlog/workspace'
import { msOf, onWallClock, type Refusal, type State, type Time } from '@claimlog/domain'
import type { CliError } from '../problem.ts'
import type { Output } from '../run.ts'
import { inWorkspace, readAndRefresh, type Settings } from '../session.ts'

/** Shows what `view` makes of the workspace as it is, or as it was at the moment that `--at` names. */
export const look = <A>(
  settings: Settings & { readonly at?: Moment },
  view: (state: State, now: Time) => E.Either<Refusal, A>,
  output: (seen: A, nowMs: number, dir: string) => Output,
): Promise<E.Either<CliError, Output>> =>
  inWorkspace(settings, async session => {
    const { workspace, dir } = session
    const { read } = settings.at === undefined ? workspace : workspace.at(settings.at)
    const reading = read((state, now) => ({
      seen: view(state, now),
      nowMs: msOf(onWallClock(now, state.clock)),
    }))
    const looked = await (settings.at === undefined ? readAndRefresh(session, reading) : reading())
    if (E.isLeft(looked)) return looked
    const { seen, nowMs } = looked.right
    return E.isLeft(seen) ? seen : E.right(output(seen.right, nowMs, dir))
  })
