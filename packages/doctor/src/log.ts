import { constants, lstatSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { logFileName, unsyncedFileName } from '@claimlog/event-log-file'
import { damageHint, linkHint, shellQuote } from '@claimlog/messages'
import { findLostLog } from '@claimlog/discovery'
import { type Finding, findingOf, type Flaw } from './check.ts'
import { isWorldWritable, mayNot, octal } from './permissions.ts'

const { R_OK, W_OK } = constants

/** Whether `events.jsonl` is a file of its own that can be read and written. `wrong`: its lines cannot be read. */
export const checkLog = (dir: string, dirUid: number | undefined): Finding => {
  const path = join(dir, logFileName)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined)
    return {
      ...{ state: 'wrong', message: `${logFileName} is missing, though other files of a workspace are there` },
      mend: 'put it back from where it was moved to, or from a backup',
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
  const known = { uid, mode: octal(mode), links }
  if (!stats.isFile())
    return { state: 'wrong', message: `${logFileName} is ${kindOf(stats, path)}`, mend: mendOf(stats, path), ...known }
  if (mayNot(path, R_OK) !== undefined)
    return {
      ...{ state: 'wrong', message: `you may not read ${logFileName}, which belongs to uid ${uid}`, ...known },
      mend: `ask uid ${uid} for access, or run claimlog as that user`,
    }
  return {
    ...findingOf(`${logFileName} is a file that you may read and write`, flawsOf(path, stats, dirUid)),
    ...known,
  }
}

const kindOf = (stats: Stats, path: string): string => {
  if (stats.isSymbolicLink()) return `a symbolic link, to ${readlinkSync(path)}`
  if (stats.isDirectory()) return 'a directory'
  return stats.isFIFO() ? 'a named pipe' : 'no regular file'
}

const mendOf = (stats: Stats, path: string): string =>
  stats.isSymbolicLink()
    ? (linkHint(path, readlinkSync(path)) ??
      'put the file itself here, or name the directory that holds it with --dir or CLAIMLOG_DIR')
    : 'move it away, and put the log in its place from a backup'

const flawsOf = (path: string, { uid, mode, nlink }: Stats, dirUid: number | undefined): ReadonlyArray<Flaw> => {
  const flaws: Array<Flaw> = []
  if (lstatSync(join(dirname(path), unsyncedFileName), { throwIfNoEntry: false }) !== undefined)
    flaws.push({
      state: 'warning',
      message: `syncing the log has failed (${unsyncedFileName} says so): a power cut may take what was written last`,
      mend: 'see what the disk reports (dmesg); the next writer writes the log over itself and syncs it anew',
    })
  const refusal = mayNot(path, W_OK)
  if (refusal !== undefined && refusal !== 'EROFS')
    flaws.push({
      state: 'warning',
      message: `you may read ${logFileName} but not write it (${refusal})`,
      mend: `to write, ask uid ${uid} for access`,
    })
  if (dirUid !== undefined && uid !== dirUid)
    flaws.push({
      state: 'warning',
      message: `${logFileName} belongs to uid ${uid}, its directory to uid ${dirUid}`,
      mend: 'see that everybody who works here may write both',
    })
  if (isWorldWritable(mode))
    flaws.push({
      state: 'warning',
      message: `everybody on this machine may write ${logFileName}, and whoever may is trusted`,
      mend: `chmod o-w ${shellQuote(path)} keeps strangers out`,
    })
  if (nlink > 1)
    flaws.push({
      state: 'warning',
      message: `${logFileName} has ${nlink} names (hard links): a copy that shares the file changes with it`,
      mend: `find / -xdev -samefile ${shellQuote(path)} tells them; make backups with cp`,
    })
  return flaws
}
