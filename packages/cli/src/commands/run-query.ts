import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type PointInTime,
  type QueuePlace,
  type Refusal,
  type State,
  type Time,
  toWallTimeMs,
} from '@claimlog/client/unstable-internals'
import type { CliError } from '../cli-error.ts'
import { openWorkspace, type CommandOutput, queryAndRefresh, type Settings } from '../run.ts'

/** Runs a query on the workspace, now or at the point in time given by `--at`. */
export const runQuery = <A>(
  settings: Settings & { readonly at?: PointInTime },
  view: (state: State, now: Time) => E.Either<Refusal, A>,
  output: (result: A, nowMs: number, place: QueuePlace) => CommandOutput,
): TE.TaskEither<CliError, CommandOutput> => {
  const toShown = (place: QueuePlace) => (state: State, now: Time) =>
    E.map((result: A) => output(result, toWallTimeMs(state, now), place))(view(state, now))
  return pipe(
    openWorkspace(settings),
    TE.chainW(({ queue, place }) => {
      const query = queue.query(toShown(place), { at: settings.at })
      return settings.at === undefined ? queryAndRefresh(queue, query) : query
    }),
    TE.chainEitherKW(outcome => outcome),
  )
}
