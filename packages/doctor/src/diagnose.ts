import * as E from 'fp-ts/lib/Either.js'
import { isMachineTrouble } from '@claimlog/messages'
import { rewindFinder } from '@claimlog/queue-file'
import type { Check, Diagnosis } from '@claimlog/wire'
import { type Finding, skipped } from './check.ts'
import { checkChain } from './chain.ts'
import { checkCheckpoint } from './checkpoint.ts'
import { checkCopies } from './copies.ts'
import { checkClock } from './clock.ts'
import { checkDirectory } from './directory.ts'
import { checkFileSystem } from './file-system.ts'
import { checkGit } from './git.ts'
import { checkLock } from './lock.ts'
import { checkLog } from './log.ts'
import type { Folded } from './kept-state.ts'
import type { LogReading, LookAt } from './log-reading.ts'
import { checkMeaning } from './meaning.ts'
import { checkProjection, type Compared, findProjection, type FoundProjection } from './projection.ts'
import { checkRuntime } from './runtime.ts'
import { checkTornTail } from './torn-tail.ts'
import { wentBack } from './went-back.ts'

/** Reads the log once. */
type ReadLogOnce = (lookAt: LookAt | undefined) => Promise<LogReading>

/** Runs all checks of the workspace in `dir`; skips those that depend on something that is wrong. */
export const diagnose = async (dir: string, readLog: ReadLogOnce): Promise<Diagnosis> => {
  const directory = await madeBy(() => checkDirectory(dir))
  const closed = directory.state === 'wrong' ? 'the directory cannot be used' : undefined
  const log = closed === undefined ? await madeBy(() => checkLog(dir, directory.uid)) : skipped(closed)
  const unread = closed ?? (log.state === 'wrong' ? 'the log cannot be read' : undefined)
  const read: Read = unread === undefined ? await readingChecks(dir, readLog) : { checks: unreadChecks(unread) }
  const findings: Readonly<Record<Check['name'], Finding>> = {
    directory,
    log,
    git: closed === undefined ? await madeBy(() => checkGit(dir)) : skipped(closed),
    file_system: await madeBy(() => checkFileSystem(dir)),
    lock: unread === undefined ? await madeBy(() => checkLock(dir)) : skipped(unread),
    ...read.checks,
    checkpoint: closed === undefined ? await madeBy(() => checkCheckpoint(dir, read.folded)) : skipped(closed),
    runtime: await madeBy(checkRuntime),
  }
  const checks = Object.entries(findings).map(([name, finding]) => ({ name: name as Check['name'], ...finding }))
  const count = (state: Finding['state']): number => checks.filter(check => check.state === state).length
  const wrong = count('wrong')
  return { ok: wrong === 0, dir, checks, warnings: count('warning'), wrong }
}

/** Runs a check; turns a resource error of the machine into a finding. */
const madeBy = async (check: () => Finding | Promise<Finding>): Promise<Finding> => {
  try {
    return await check()
  } catch (thrown) {
    if (!isMachineTrouble(thrown)) throw thrown
    return notMade(thrown)
  }
}

const notMade = ({ message }: Error): Finding => ({
  state: 'wrong',
  message: `could not be checked: ${message}`,
  mend: 'check the free resources of the machine and its limits (ulimit -a), then run claimlog doctor again',
  error: 'io_failed',
})

type ReadingChecks = Pick<
  Readonly<Record<Check['name'], Finding>>,
  'torn_tail' | 'chain' | 'meaning' | 'clock' | 'projection' | 'copies'
>

const unreadChecks = (reason: string): ReadingChecks => ({
  torn_tail: skipped(reason),
  chain: skipped(reason),
  meaning: skipped(reason),
  clock: skipped(reason),
  projection: skipped(reason),
  copies: skipped(reason),
})

/** The findings of one pass over the log, and its state if the log is intact. */
type Read = { readonly checks: ReadingChecks; readonly folded?: Folded }

/** Runs the checks that share one pass over the log. */
const readingChecks = async (dir: string, readLog: ReadLogOnce): Promise<Read> => {
  const projection = findProjection(dir)
  try {
    return await checksOf(dir, readLog, projection, rewindFinder(dir))
  } catch (thrown) {
    if (!isMachineTrouble(thrown)) throw thrown
    return { checks: { ...unreadChecks('the log could not be read to its end'), chain: notMade(thrown) } }
  } finally {
    if (projection.found === 'text') projection.close()
  }
}

const checksOf = async (
  dir: string,
  readLog: ReadLogOnce,
  projection: FoundProjection,
  findRewind: ReturnType<typeof rewindFinder>,
): Promise<Read> => {
  let compared: Compared | undefined
  const reading = await readLog(
    projection.found !== 'text' || projection.seq === undefined
      ? undefined
      : { seq: projection.seq, look: state => (compared = { difference: projection.differenceFrom(state) }) },
  )
  const told = { chain: checkChain(reading), meaning: checkMeaning(reading) }
  const { scan, state } = reading
  if (E.isLeft(scan)) return { checks: { ...unreadChecks('the log could not be read to its end'), ...told } }
  const tornTail = await checkTornTail(dir, scan.right)
  if (state.workspace === undefined) {
    const reason = 'the log is empty'
    return { checks: { ...unreadChecks(reason), torn_tail: tornTail, ...told } }
  }
  const clock = checkClock(state, Date.now())
  const rewind = await findRewind(state)
  const written = rewind === undefined ? await checkProjection(dir, projection, compared, reading) : wentBack(rewind)
  const copies = checkCopies(dir, state)
  return { checks: { torn_tail: tornTail, ...told, clock, projection: written, copies }, folded: reading.folded }
}
