import { constants, lstatSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { logFileName, unsyncedFileName } from '@claimlog/event-log-file'
import { damageHint, linkHint, shellQuote } from '@claimlog/messages'
import { findLostLog } from '@claimlog/discovery'
import { type Finding, combineIssues, type Issue } from './finding.ts'
import { isWorldWritable, accessError, formatMode } from './access.ts'

const { R_OK, W_OK } = constants

/**
 * Checks that `events.jsonl` is a regular, readable and writable file without hard links. `wrong`: it cannot be read.
 */
export const checkLog = (dir: string, dirUid: number | undefined): Finding => {
  const path = join(dir, logFileName)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined)
    return {
      ...{ state: 'wrong', message: `${logFileName} is missing, though other files of a workspace are there` },
      mend: 'restore it from where it was moved to, or from a backup',
    }
  const { uid, mode, nlink: links } = stats
  const lost = findLostLog(dir)
  if (lost !== undefined)
    return {
      state: 'wrong',
      message: lost.detail,
      mend: damageHint('emptied'),
      error: 'log_damaged',
      cause: 'emptied',
      line: 1,
      offset: 0,
    }
  const details = { uid, mode: formatMode(mode), links }
  if (!stats.isFile())
    return {
      state: 'wrong',
      message: `${logFileName} is ${describeFileType(stats, path)}`,
      mend: fileTypeHint(stats, path),
      ...details,
    }
  if (accessError(path, R_OK) !== undefined)
    return {
      ...{ state: 'wrong', message: `you may not read ${logFileName}, which belongs to uid ${uid}`, ...details },
      mend: `ask uid ${uid} for access, or run claimlog as that user`,
    }
  return {
    ...combineIssues(`you can read and write ${logFileName}`, findLogIssues(path, stats, dirUid)),
    ...details,
  }
}

const describeFileType = (stats: Stats, path: string): string => {
  if (stats.isSymbolicLink()) return `a symbolic link, to ${readlinkSync(path)}`
  if (stats.isDirectory()) return 'a directory'
  return stats.isFIFO() ? 'a named pipe' : 'not a regular file'
}

const fileTypeHint = (stats: Stats, path: string): string =>
  stats.isSymbolicLink()
    ? (linkHint(path, readlinkSync(path)) ??
      'put the file itself here, or select the directory that contains it with --dir or CLAIMLOG_DIR')
    : 'move it away, and restore the log from a backup'

const findLogIssues = (path: string, { uid, mode, nlink }: Stats, dirUid: number | undefined): ReadonlyArray<Issue> => {
  const issues: Array<Issue> = []
  if (lstatSync(join(dirname(path), unsyncedFileName), { throwIfNoEntry: false }) !== undefined)
    issues.push({
      state: 'warning',
      message: `an fsync of the log has failed (as recorded in ${unsyncedFileName}): a power cut may lose the last writes`,
      mend: 'check the disk errors (dmesg); the next writer rewrites the log in place and syncs it again',
    })
  const errorCode = accessError(path, W_OK)
  if (errorCode !== undefined && errorCode !== 'EROFS')
    issues.push({
      state: 'warning',
      message: `you may read ${logFileName} but not write it (${errorCode})`,
      mend: `to write, ask uid ${uid} for access`,
    })
  if (dirUid !== undefined && uid !== dirUid)
    issues.push({
      state: 'warning',
      message: `${logFileName} belongs to uid ${uid}, its directory to uid ${dirUid}`,
      mend: 'make sure that all users of the workspace may write both',
    })
  if (isWorldWritable(mode))
    issues.push({
      state: 'warning',
      message: `every user on this machine may write ${logFileName}, and everyone who may write it is trusted`,
      mend: `chmod o-w ${shellQuote(path)} keeps other users out`,
    })
  if (nlink > 1)
    issues.push({
      state: 'warning',
      message: `${logFileName} has ${nlink} names (hard links): a copy that shares the file changes with it`,
      mend: `find / -xdev -samefile ${shellQuote(path)} lists them; make backups with cp`,
    })
  return issues
}
