import { constants, lstatSync, type Stats, statSync } from 'node:fs'
import { shellQuote, shownPath } from '@claimlog/messages'
import { type Finding, findingOf, type Flaw } from './check.ts'
import { isSticky, isWorldWritable, mayNot, octal, ownUid } from './permissions.ts'

const { R_OK, W_OK, X_OK } = constants

/** Whether the workspace's directory is one that can be worked in, and whose it is. `wrong`: nothing in it can be seen. */
export const checkDirectory = (dir: string): Finding => {
  const shown = shownPath(dir)
  const stats = statsOf(dir)
  if (stats === undefined)
    return { state: 'wrong', message: `there is no ${shown}`, mend: 'claimlog init makes a workspace' }
  const { uid, mode } = stats
  const known = { uid, mode: octal(mode) }
  if (!stats.isDirectory())
    return {
      ...{ state: 'wrong', message: `${shown} is no directory`, ...known },
      mend: 'name the directory that holds events.jsonl with --dir or CLAIMLOG_DIR',
    }
  if (mayNot(dir, R_OK | X_OK) !== undefined)
    return {
      ...{ state: 'wrong', message: `you may not read and search ${shown}, which belongs to uid ${uid}`, ...known },
      mend: `ask uid ${uid} for access, or run claimlog as that user`,
    }
  return { ...findingOf(`${shown} is yours, to read and to write`, flawsOf(dir, uid, mode)), ...known }
}

/** undefined: nothing is there, or a symbolic link that leads nowhere. */
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
      mend: `run claimlog as uid ${uid}, or see that both of you may write what the other makes`,
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
      message: 'everybody on this machine may write it, and whoever may is trusted',
      mend: `chmod o-w ${shellQuote(dir)} keeps strangers out`,
    })
  return flaws
}
