import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type PointInTime,
  type Refusal,
  type State,
  type Time,
  toWallTimeMs,
} from '@claimlog/client/unstable-internals'
import type { CliError } from '../problem.ts'
import { openWorkspace, type Output, readAndRefresh, type Settings } from '../run.ts'

/** Runs a query on the workspace, now or at the point in time given by `--at`. */
export const look = <A>(
  settings: Settings & { readonly at?: PointInTime },
  view: (state: State, now: Time) => E.Either<Refusal, A>,
  output: (seen: A, nowMs: number, dir: string) => Output,
): TE.TaskEither<CliError, Output> => {
  const shown = (dir: string) => (state: State, now: Time) =>
    E.map((seen: A) => output(seen, toWallTimeMs(state, now), dir))(view(state, now))
  return pipe(
    openWorkspace(settings),
    TE.chainW(({ queue, dir }) => {
      const reading = queue.query(shown(dir), { at: settings.at })
      return settings.at === undefined ? readAndRefresh(queue, reading) : reading
    }),
    TE.chainEitherKW(outcome => outcome),
  )
}
