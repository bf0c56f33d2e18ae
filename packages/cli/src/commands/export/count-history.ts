import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { toElapsedTime, type LocalQueue, logFileName, timeFromMs } from '@claimlog/client/unstable-internals'
import type { Metrics } from '@claimlog/exporters'
import type { MetricsView } from '@claimlog/wire'
import type { CliError } from '../../problem.ts'
import { withProgress } from '../../output/progress.ts'

/** Counts the whole log, from its first line, into `counting`, which must be empty. */
export const countHistory = (queue: LocalQueue, counting: Metrics): TE.TaskEither<CliError, MetricsView> =>
  pipe(
    readAll(queue, counting),
    TE.chainW(() => TE.fromEither(summarize(queue.dir, counting))),
  )

const readAll =
  ({ dir, readEvents }: LocalQueue, counting: Metrics) =>
  () =>
    withProgress(dir, 'counted', report =>
      readEvents(0, events => {
        for (const event of events) counting.take(event)
        report(counting.state().seq)
      })(),
    )

const summarize = (dir: string, counting: Metrics): E.Either<CliError, MetricsView> => {
  const { seq, time: last, clock } = counting.state()
  if (seq === 0) return E.left({ error: 'no_workspace' })
  const nowMs = Date.now()
  const families = counting.families(toElapsedTime(last, clock, nowMs), statSync(join(dir, logFileName)).size)
  return E.right({ seq, time: timeFromMs(nowMs), families })
}
