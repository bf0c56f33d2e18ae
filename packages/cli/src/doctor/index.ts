/** What is checked of a workspace. A bundle of its own, loaded by `doctor` only. Nothing here writes anything. */
import * as E from 'fp-ts/lib/Either.js'
import { type Folded, rewindFinder } from '@claimlog/coordinator/workspace'
import { type Check, type CheckName, type Finding, skipped } from './check.ts'
import { checkChain } from './chain.ts'
import { checkCheckpoint } from './checkpoint.ts'
import { checkCopies } from './copies.ts'
import { checkClock } from './clock.ts'
import { checkDirectory } from './directory.ts'
import { checkFileSystem } from './file-system.ts'
import { checkGit } from './git.ts'
import { checkLock } from './lock.ts'
import { checkLog } from './log.ts'
import type { LogReading, LookAt } from './log-reading.ts'
import { checkMeaning } from './meaning.ts'
import { checkProjection, type Compared, findProjection, type FoundProjection } from './projection.ts'
import { checkRuntime } from './runtime.ts'
import { checkTornTail } from './torn-tail.ts'
import { wentBack } from './went-back.ts'

/** What all checks came to. `ok`: nothing is wrong, though there may be warnings. */
export type Diagnosis = {
  readonly ok: boolean
  readonly dir: string
  readonly checks: ReadonlyArray<Check>
  readonly warnings: number
  readonly wrong: number
}

/** Reads the log once. */
export type ReadLogOnce = (lookAt: LookAt | undefined) => Promise<LogReading>

/** Checks the workspace in `dir`, one thing after another; what cannot be checked as something before it is wrong, is skipped. */
export const diagnose = async (dir: string, readLog: ReadLogOnce): Promise<Diagnosis> => {
  const directory = checkDirectory(dir)
  const closed = directory.state === 'wrong' ? 'the directory cannot be used' : undefined
  const log = closed === undefined ? checkLog(dir, directory.uid) : skipped(closed)
  const unread = closed ?? (log.state === 'wrong' ? 'the log cannot be read' : undefined)
  const read: Read = unread === undefined ? await readingChecks(dir, readLog) : { checks: unreadChecks(unread) }
  const findings: Readonly<Record<CheckName, Finding>> = {
    directory,
    log,
    git: closed === undefined ? checkGit(dir) : skipped(closed),
    file_system: checkFileSystem(dir),
    lock: unread === undefined ? await checkLock(dir) : skipped(unread),
    ...read.checks,
    checkpoint: closed === undefined ? await checkCheckpoint(dir, read.folded) : skipped(closed),
    runtime: await checkRuntime(),
  }
  const checks = Object.entries(findings).map(([name, finding]) => ({ name: name as CheckName, ...finding }))
  const count = (state: Finding['state']): number => checks.filter(check => check.state === state).length
  const wrong = count('wrong')
  return { ok: wrong === 0, dir, checks, warnings: count('warning'), wrong }
}

type ReadingChecks = Pick<
  Readonly<Record<CheckName, Finding>>,
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

/** What one reading of the log tells, and the state that it leads to where the log is sound. */
type Read = { readonly checks: ReadingChecks; readonly folded?: Folded }

/** All that one reading of the log tells. */
const readingChecks = async (dir: string, readLog: ReadLogOnce): Promise<Read> => {
  const projection = findProjection(dir)
  const findRewind = rewindFinder(dir)
  try {
    return await checksOf(dir, readLog, projection, findRewind)
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
    const reason = 'the log has no line'
    return { checks: { ...unreadChecks(reason), torn_tail: tornTail, ...told } }
  }
  const clock = checkClock(state, Date.now())
  const rewind = await findRewind(state)
  const written = rewind === undefined ? await checkProjection(dir, projection, compared, reading) : wentBack(rewind)
  const copies = checkCopies(dir, state)
  return { checks: { torn_tail: tornTail, ...told, clock, projection: written, copies }, folded: reading.folded }
}
