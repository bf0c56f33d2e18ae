import { lstatSync, readdirSync, statSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed } from '@claimlog/event-log'
import { logFileName } from '@claimlog/event-log-file'
import { codeOf } from '@claimlog/event-log-file'
import { closedPath } from './closed-path.ts'
import type { AccessDenied, NotAWorkspace } from './search-failure.ts'

/** Whether `dir` is a workspace: a directory with a log. undefined: nothing has that name. */
export const workspaceAt = (dir: string): E.Either<NotAWorkspace | AccessDenied | IoFailed, true> | undefined => {
  try {
    const named = lstatSync(dir, { throwIfNoEntry: false })
    if (named === undefined) return undefined
    const cause = named.isDirectory() ? undefined : linkProblem(dir, named)
    if (cause !== undefined) return notAWorkspace(dir, cause, named)
    // Whatever has the log's name: to open it says whether it will do.
    if (lstatSync(join(dir, logFileName), { throwIfNoEntry: false }) !== undefined) return E.right(true)
    if (lstatSync(join(dir, `${logFileName}.dvc`), { throwIfNoEntry: false }) !== undefined)
      return notAWorkspace(dir, 'not_fetched', named)
    return notAWorkspace(dir, holdsGitFilesOnly(dir) ? 'no_log' : 'emptied', named)
  } catch (thrown) {
    return E.left(unreachable(join(dir, logFileName), thrown))
  }
}

/** What kept the system from `path`: `EACCES` names the file or directory that is closed, and its owner. */
const unreachable = (path: string, thrown: unknown): AccessDenied | IoFailed => {
  const code = codeOf(thrown)
  if (code === undefined) throw thrown
  const denied = code === 'EACCES' ? accessDeniedTo(path) : undefined
  return denied ?? { failure: 'IoFailed', path, operation: 'look at', code, detail: (thrown as Error).message }
}

/** Why the system answered EACCES of `path`; undefined: that is no longer to be seen. */
export const accessDeniedTo = (path: string): AccessDenied | undefined => {
  const closed = closedPath(path)
  return closed && { failure: 'AccessDenied', path, closed }
}

const notAWorkspace = (
  path: string,
  cause: NotAWorkspace['cause'],
  { uid, mode }: Stats,
): E.Either<NotAWorkspace, never> => E.left({ failure: 'NotAWorkspace', path, cause, uid, mode: mode & 0o7777 })

/** Why something that is no directory does not lead to one; undefined: it is a symbolic link that does. */
const linkProblem = (path: string, named: Stats): NotAWorkspace['cause'] | undefined => {
  if (!named.isSymbolicLink()) return 'no_directory'
  try {
    const target = statSync(path, { throwIfNoEntry: false })
    if (target === undefined) return 'dangling_link'
    return target.isDirectory() ? undefined : 'no_directory'
  } catch (thrown) {
    if (codeOf(thrown) === 'ELOOP') return 'link_cycle'
    throw thrown
  }
}

/** Whether `dir` is empty but for what a checkout of git may have put there: `.gitignore`, `.gitkeep`. */
const holdsGitFilesOnly = (dir: string): boolean => readdirSync(dir).every(name => name.startsWith('.git'))
