import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { ServerFacts } from '@claimlog/event-log-postgres'
import type { CheckResult, Diagnosis } from '@claimlog/wire'
import { checkChain } from '../chain.ts'
import { checkHistory } from '../event-history.ts'
import { type Finding, skippedCheck } from '../finding.ts'
import type { LogEnd, LogScan } from '../log-reading.ts'
import { checkRuntime } from '../runtime.ts'
import {
  checkDurability,
  checkNotifications,
  checkRights,
  checkServer,
  checkServerClock,
  checkTls,
} from './server-checks.ts'

/** Why a server has no facts: a sentence, and a hint. */
export type ServerProblem = { readonly message: string; readonly hint: string }

/** Runs all checks of a log on a server. `readLog` reads it once, if the server can be asked at all. */
export const diagnoseServer = async (
  url: string,
  facts: E.Either<ServerProblem, ServerFacts>,
  readLog: TE.TaskEither<ServerProblem, LogScan<LogEnd>>,
): Promise<Diagnosis> => {
  const findings: Partial<Record<CheckResult['name'], Finding>> = E.isLeft(facts)
    ? unreachableFindings(facts.left)
    : {
        server: checkServer(facts.right),
        tls: checkTls(facts.right),
        rights: checkRights(facts.right),
        durability: checkDurability(facts.right),
        notifications: checkNotifications(facts.right),
        clock: checkServerClock(facts.right),
        ...toLogFindings(facts.right.canRead ? await readLog() : E.left({ message: 'it may not be read', hint: '' })),
      }
  const all = { ...findings, runtime: await checkRuntime() }
  const checks = Object.entries(all).map(([name, finding]) => ({ name: name as CheckResult['name'], ...finding }))
  const count = (state: Finding['state']): number => checks.filter(check => check.state === state).length
  const wrong = count('wrong')
  return { ok: wrong === 0, log: url, checks, warnings: count('warning'), wrong }
}

const unreachableFindings = ({ message, hint }: ServerProblem): Partial<Record<CheckResult['name'], Finding>> => {
  const skipped = skippedCheck('the server cannot be asked')
  return {
    server: { state: 'wrong', message, mend: hint, error: 'io_failed' },
    ...{ tls: skipped, rights: skipped, durability: skipped, notifications: skipped, clock: skipped },
    ...{ chain: skipped, meaning: skipped },
  }
}

const toLogFindings = (
  reading: E.Either<ServerProblem, LogScan<LogEnd>>,
): Readonly<Record<'chain' | 'meaning', Finding>> => {
  if (E.isRight(reading)) return { chain: checkChain(reading.right), meaning: checkHistory(reading.right) }
  const skipped = skippedCheck(reading.left.message)
  return { chain: skipped, meaning: skipped }
}
