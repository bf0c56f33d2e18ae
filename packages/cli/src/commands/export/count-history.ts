import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { elapsedAt, type Time, timeOf } from '@claimlog/domain'
import { logFileName } from '@claimlog/event-log-file'
import type { Family, Metrics } from '@claimlog/exporters'
import type { CliError } from '../../problem.ts'
import { withProgress } from '../../output/progress.ts'
import type { Session } from '../../session.ts'

/** What was counted, up to which event and at what moment. */
export type Counted = { readonly seq: number; readonly time: Time; readonly families: ReadonlyArray<Family> }

/** Counts the whole log, from its first line, into `counting`, which has counted nothing yet. */
export const countHistory = async ({ dir, log }: Session, counting: Metrics): Promise<E.Either<CliError, Counted>> => {
  const read = await withProgress(dir, 'counted', report =>
    log.readAfter(0, events => {
      for (const event of events) counting.take(event)
      report(counting.state().seq)
    })(),
  )
  if (E.isLeft(read)) return read
  const { seq, time: last, clock } = counting.state()
  if (seq === 0) return E.left({ error: 'no_workspace' })
  const nowMs = Date.now()
  const families = counting.families(elapsedAt(last, clock, nowMs), statSync(join(dir, logFileName)).size)
  return E.right({ seq, time: timeOf(nowMs), families })
}
