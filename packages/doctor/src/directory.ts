import { constants, lstatSync, type Stats, statSync } from 'node:fs'
import { shellQuote, displayPath } from '@claimlog/messages'
import { type Finding, combineIssues, type Issue } from './finding.ts'
import { isSticky, isWorldWritable, accessError, formatMode, processUid } from './access.ts'

const { R_OK, W_OK, X_OK } = constants

/** Checks the access to the workspace's directory, and its owner. `wrong`: its contents cannot be read. */
export const checkDirectory = (dir: string): Finding => {
  const displayedDir = displayPath(dir)
  const stats = readStats(dir)
  if (stats === undefined)
    return { state: 'wrong', message: `${displayedDir} does not exist`, mend: 'claimlog init creates a workspace' }
  const { uid, mode } = stats
  const details = { uid, mode: formatMode(mode) }
  if (!stats.isDirectory())
    return {
      ...{ state: 'wrong', message: `${displayedDir} is not a directory`, ...details },
      mend: 'select the directory that contains events.jsonl with --dir or CLAIMLOG_DIR',
    }
  if (accessError(dir, R_OK | X_OK) !== undefined)
    return {
      ...{
        state: 'wrong',
        message: `you may not read and search ${displayedDir}, which belongs to uid ${uid}`,
        ...details,
      },
      mend: `ask uid ${uid} for access, or run claimlog as that user`,
    }
  return { ...combineIssues(`you can read and write ${displayedDir}`, findAccessIssues(dir, uid, mode)), ...details }
}

/** Reads the file status; undefined if the path does not exist, or is a dangling symbolic link. */
const readStats = (dir: string): Stats | undefined => {
  try {
    return statSync(dir, { throwIfNoEntry: false })
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ELOOP') return lstatSync(dir)
    throw thrown
  }
}

const findAccessIssues = (dir: string, uid: number, mode: number): ReadonlyArray<Issue> => {
  const issues: Array<Issue> = []
  const displayedDir = displayPath(dir)
  const uidOfProcess = processUid()
  if (uidOfProcess !== undefined && uid !== uidOfProcess)
    issues.push({
      state: 'warning',
      message: `${displayedDir} belongs to uid ${uid}, and you are uid ${uidOfProcess}`,
      mend: `run claimlog as uid ${uid}, or make sure that both users may write the files of the other`,
    })
  const errorCode = accessError(dir, W_OK)
  if (errorCode !== undefined && errorCode !== 'EROFS')
    issues.push({
      state: 'warning',
      message: 'you may read the directory but not write it',
      mend: `to write, ask uid ${uid} for access`,
    })
  if (isWorldWritable(mode) && !isSticky(mode))
    issues.push({
      state: 'warning',
      message: 'every user on this machine may write it, and everyone who may write it is trusted',
      mend: `chmod o-w ${shellQuote(dir)} keeps other users out`,
    })
  return issues
}
