import { constants, lstatSync, type Stats, statSync } from 'node:fs'
import { shellQuote, shownPath } from '@claimlog/messages'
import { type Finding, findingOf, type Flaw } from './check.ts'
import { isSticky, isWorldWritable, mayNot, octal, ownUid } from './permissions.ts'

const { R_OK, W_OK, X_OK } = constants

/** Checks the access to the workspace's directory, and its owner. `wrong`: its contents cannot be read. */
export const checkDirectory = (dir: string): Finding => {
  const shown = shownPath(dir)
  const stats = statsOf(dir)
  if (stats === undefined)
    return { state: 'wrong', message: `${shown} does not exist`, mend: 'claimlog init creates a workspace' }
  const { uid, mode } = stats
  const known = { uid, mode: octal(mode) }
  if (!stats.isDirectory())
    return {
      ...{ state: 'wrong', message: `${shown} is not a directory`, ...known },
      mend: 'select the directory that contains events.jsonl with --dir or CLAIMLOG_DIR',
    }
  if (mayNot(dir, R_OK | X_OK) !== undefined)
    return {
      ...{ state: 'wrong', message: `you may not read and search ${shown}, which belongs to uid ${uid}`, ...known },
      mend: `ask uid ${uid} for access, or run claimlog as that user`,
    }
  return { ...findingOf(`you can read and write ${shown}`, flawsOf(dir, uid, mode)), ...known }
}

/** Reads the file status; undefined if the path does not exist, or is a dangling symbolic link. */
const statsOf = (dir: string): Stats | undefined => {
  try {
    return statSync(dir, { throwIfNoEntry: false })
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ELOOP') return lstatSync(dir)
    throw thrown
  }
}

const flawsOf = (dir: string, uid: number, mode: number): ReadonlyArray<Flaw> => {
  const flaws: Array<Flaw> = []
  const shown = shownPath(dir)
  const own = ownUid()
  if (own !== undefined && uid !== own)
    flaws.push({
      state: 'warning',
      message: `${shown} belongs to uid ${uid}, and you are uid ${own}`,
      mend: `run claimlog as uid ${uid}, or make sure that both users may write the files of the other`,
    })
  const refusal = mayNot(dir, W_OK)
  if (refusal !== undefined && refusal !== 'EROFS')
    flaws.push({
      state: 'warning',
      message: 'you may read the directory but not write it',
      mend: `to write, ask uid ${uid} for access`,
    })
  if (isWorldWritable(mode) && !isSticky(mode))
    flaws.push({
      state: 'warning',
      message: 'every user on this machine may write it, and everyone who may write it is trusted',
      mend: `chmod o-w ${shellQuote(dir)} keeps other users out`,
    })
  return flaws
}
