import * as E from 'fp-ts/lib/Either.js'
import { isResourceError } from '@claimlog/messages'
import { rewindFinder } from '@claimlog/queue-file'
import type { CheckResult, Diagnosis } from '@claimlog/wire'
import { type Finding, skippedCheck } from './finding.ts'
import { checkChain } from './chain.ts'
import { checkCheckpoint } from './checkpoint.ts'
import { checkCopies } from './copies.ts'
import { checkClock } from './clock.ts'
import { checkDirectory } from './directory.ts'
import { checkFileSystem } from './file-system.ts'
import { checkGit } from './git.ts'
import { checkLock } from './lock.ts'
import { checkLog } from './log.ts'
import type { FoldedLog } from './checkpoint-comparison.ts'
import type { LogScan, StateVisitor } from './log-reading.ts'
import { checkHistory } from './event-history.ts'
import { checkProjection, type ProjectionComparison, openProjection, type ProjectionFile } from './projection.ts'
import { checkRuntime } from './runtime.ts'
import { checkTornTail } from './torn-tail.ts'
import { rewoundLogFinding } from './rewound-log.ts'

/** The checks that only a log on a server has. */
type ServerCheck = 'server' | 'tls' | 'rights' | 'durability' | 'notifications'

/** Reads the log once. */
type ReadLogOnce = (visitor: StateVisitor | undefined) => Promise<LogScan>

/** Runs all checks of the workspace in `dir`; skips those that depend on something that is wrong. */
export const diagnose = async (dir: string, readLog: ReadLogOnce): Promise<Diagnosis> => {
  const directory = await runCheck(() => checkDirectory(dir))
  const directoryProblem = directory.state === 'wrong' ? 'the directory cannot be used' : undefined
  const log =
    directoryProblem === undefined ? await runCheck(() => checkLog(dir, directory.uid)) : skippedCheck(directoryProblem)
  const logProblem = directoryProblem ?? (log.state === 'wrong' ? 'the log cannot be read' : undefined)
  const logChecks: LogCheckResult =
    logProblem === undefined ? await runLogChecks(dir, readLog) : { checks: skippedLogFindings(logProblem) }
  const findings: Readonly<Record<Exclude<CheckResult['name'], ServerCheck>, Finding>> = {
    directory,
    log,
    git: directoryProblem === undefined ? await runCheck(() => checkGit(dir)) : skippedCheck(directoryProblem),
    file_system: await runCheck(() => checkFileSystem(dir)),
    lock: logProblem === undefined ? await runCheck(() => checkLock(dir)) : skippedCheck(logProblem),
    ...logChecks.checks,
    checkpoint:
      directoryProblem === undefined
        ? await runCheck(() => checkCheckpoint(dir, logChecks.fold))
        : skippedCheck(directoryProblem),
    runtime: await runCheck(checkRuntime),
  }
  const checks = Object.entries(findings).map(([name, finding]) => ({ name: name as CheckResult['name'], ...finding }))
  const count = (state: Finding['state']): number => checks.filter(check => check.state === state).length
  const wrong = count('wrong')
  return { ok: wrong === 0, dir, checks, warnings: count('warning'), wrong }
}

/** Runs a check; turns a resource error of the machine into a finding. */
const runCheck = async (check: () => Finding | Promise<Finding>): Promise<Finding> => {
  try {
    return await check()
  } catch (thrown) {
    if (!isResourceError(thrown)) throw thrown
    return failedCheck(thrown)
  }
}

const failedCheck = ({ message }: Error): Finding => ({
  state: 'wrong',
  message: `could not be checked: ${message}`,
  mend: 'check the free resources of the machine and its limits (ulimit -a), then run claimlog doctor again',
  error: 'io_failed',
})

type LogFindings = Pick<
  Readonly<Record<CheckResult['name'], Finding>>,
  'torn_tail' | 'chain' | 'meaning' | 'clock' | 'projection' | 'copies'
>

const skippedLogFindings = (reason: string): LogFindings => ({
  torn_tail: skippedCheck(reason),
  chain: skippedCheck(reason),
  meaning: skippedCheck(reason),
  clock: skippedCheck(reason),
  projection: skippedCheck(reason),
  copies: skippedCheck(reason),
})

/** The findings of one pass over the log, and its state if the log is intact. */
type LogCheckResult = { readonly checks: LogFindings; readonly fold?: FoldedLog }

/** Runs the checks that share one pass over the log. */
const runLogChecks = async (dir: string, readLog: ReadLogOnce): Promise<LogCheckResult> => {
  const projection = openProjection(dir)
  try {
    return await checkLogContents(dir, readLog, projection, rewindFinder(dir))
  } catch (thrown) {
    if (!isResourceError(thrown)) throw thrown
    return { checks: { ...skippedLogFindings('the log could not be read to its end'), chain: failedCheck(thrown) } }
  } finally {
    if (projection._tag === 'text') projection.close()
  }
}

const checkLogContents = async (
  dir: string,
  readLog: ReadLogOnce,
  projection: ProjectionFile,
  findRewind: ReturnType<typeof rewindFinder>,
): Promise<LogCheckResult> => {
  let comparison: ProjectionComparison | undefined
  const reading = await readLog(
    projection._tag !== 'text' || projection.seq === undefined
      ? undefined
      : { seq: projection.seq, visit: state => (comparison = { difference: projection.compare(state) }) },
  )
  const eventFindings = { chain: checkChain(reading), meaning: checkHistory(reading) }
  const { scan, state } = reading
  if (E.isLeft(scan))
    return { checks: { ...skippedLogFindings('the log could not be read to its end'), ...eventFindings } }
  const tornTail = await checkTornTail(dir, scan.right)
  if (state.workspace === undefined) {
    const reason = 'the log is empty'
    return { checks: { ...skippedLogFindings(reason), torn_tail: tornTail, ...eventFindings } }
  }
  const clock = checkClock(state, Date.now())
  const rewind = await findRewind(state)
  const projectionFinding =
    rewind === undefined ? await checkProjection(dir, projection, comparison, reading) : rewoundLogFinding(rewind)
  const copies = checkCopies(dir, state)
  return {
    checks: { torn_tail: tornTail, ...eventFindings, clock, projection: projectionFinding, copies },
    fold: reading.fold,
  }
}
