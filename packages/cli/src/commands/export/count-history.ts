import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  toElapsedTime,
  type LocalQueue,
  logDirectory,
  logFileName,
  timeFromMs,
} from '@claimlog/client/unstable-internals'
import type { MetricsCollector } from '@claimlog/exporters'
import type { MetricsView } from '@claimlog/wire'
import type { CliError } from '../../cli-error.ts'
import { withProgress } from '../../output/progress.ts'

/** Counts the whole log, from its first line, into `metrics`, which must be empty. */
export const countHistory = (queue: LocalQueue, metrics: MetricsCollector): TE.TaskEither<CliError, MetricsView> =>
  pipe(
    countEvents(queue, metrics),
    TE.chainW(() => TE.fromEither(summarize(queue, metrics))),
  )

const countEvents =
  ({ place, readEvents }: LocalQueue, metrics: MetricsCollector) =>
  () =>
    withProgress(logDirectory(place), 'counted', report =>
      readEvents(0, events => {
        for (const event of events) metrics.apply(event)
        report(metrics.state().seq)
      })(),
    )

const summarize = ({ place, now }: LocalQueue, metrics: MetricsCollector): E.Either<CliError, MetricsView> => {
  const { seq, time: last, clock } = metrics.state()
  if (seq === 0) return E.left({ error: 'no_workspace' })
  const nowMs = now()
  const dir = logDirectory(place)
  const bytes = dir === undefined ? undefined : statSync(join(dir, logFileName)).size
  const families = metrics.families(toElapsedTime(last, clock, nowMs), bytes)
  return E.right({ seq, time: timeFromMs(nowMs), families })
}
