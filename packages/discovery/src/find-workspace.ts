import { existsSync, lstatSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { systemErrorCode, logFileName } from '@claimlog/event-log-file'
import { type LinkedWorktree, findLinkedWorktree, readLinkedWorktree } from './git/linked-worktree.ts'
import type {
  AccessDenied,
  ConfigUnusable,
  NotAWorkspace,
  NoWorkingDirectory,
  SearchFailure,
  TwoLogs,
} from './search-failure.ts'
import { configFileName, hasOwnLog, readConfiguredPlace } from './config-file.ts'
import type { LogPlace, PlaceChoice } from './log-place.ts'
import { withoutPassword } from './log-url.ts'
import { type IoFailed, type LogDamaged, withSystemError } from '@claimlog/event-log'
import { findClosedPath } from './closed-path.ts'
import { queueFileName, readQueueFile } from '@claimlog/queue-file'

/** The name of a workspace's directory unless another one is given. */
export const defaultDirName = '.claimlog'

/**
 * The log to use: `choice.log`, by `--log` or `CLAIMLOG_LOG`, else that of `choice.dir`, by `--dir` or `CLAIMLOG_DIR`,
 * else that of the nearest `.claimlog/`, searched
 *
 * 1. in the working directory and above it, up to the top of its git checkout;
 * 2. if that is a linked worktree, in the same directory of the main checkout and above it, up to its top;
 * 3. further above the working directory, then further above the main checkout;
 *
 * else the first of these directories that itself contains a log. The nearest one is never skipped in favour of
 * another: if it cannot be used, that is the result. The log of a `.claimlog/`, also of a named one, is its
 * `events.jsonl`, or the one that its `config.json` leads to.
 */
export const findPlace = ({ log, dir }: PlaceChoice): E.Either<SearchFailure, LogPlace> => {
  if (log !== undefined) return dir === undefined ? E.right(placeOnServer(log)) : placeWithFiles(log, dir)
  if (dir !== undefined) return E.map(keepQueueFile)(E.chain(checkReachable)(absolutePath(dir)))
  const from = workingDirectory()
  if (from === undefined) return E.left({ failure: 'NoWorkingDirectory' })
  const searchedDirs: Array<string> = []
  const worktrees: Array<LinkedWorktree> = []
  for (const searchedDir of searchPath(from, worktrees)) {
    const denied = checkMainCheckoutAccess(worktrees.at(-1))
    if (denied !== undefined) return E.left(denied)
    const candidate = findDefaultWorkspace(searchedDir)
    if (candidate !== undefined) return candidate
    searchedDirs.push(searchedDir)
  }
  const dirWithLog = searchedDirs.find(searchedDir => existsSync(join(searchedDir, logFileName)))
  return dirWithLog === undefined
    ? E.left({ failure: 'NoWorkspace', from, main: worktrees[0]?.main })
    : E.right({ _tag: 'directory', dir: dirWithLog })
}

/** The directory of the log that {@link findPlace} finds, for what works on files; a log on a server is refused. */
export const findWorkspace = (choice: PlaceChoice): E.Either<SearchFailure, string> =>
  E.chain((place: LogPlace): E.Either<SearchFailure, string> =>
    place._tag === 'directory'
      ? E.right(place.dir)
      : E.left({ failure: 'LogOnServer', url: withoutPassword(place.url) }),
  )(findPlace(choice))

const placeOnServer = (url: string): LogPlace => ({
  _tag: 'server',
  url,
  isNamedByFile: false,
  dir: undefined,
  keepsQueueFile: false,
})

/** A log on a server with its derived files in `dir`, unless that is the directory of another log. */
const placeWithFiles = (url: string, dir: string): E.Either<SearchFailure, LogPlace> =>
  E.map((path: string) =>
    hasOtherLog(path) ? placeOnServer(url) : keepQueueFile({ ...placeOnServer(url), dir: path }),
  )(absolutePath(dir))

/** Treated as another log if that is unknown, so that no file of it is written. */
const hasOtherLog = (dir: string): boolean => {
  try {
    return hasOwnLog(dir)
  } catch {
    return true
  }
}

const keepQueueFile = (place: LogPlace): LogPlace =>
  place._tag === 'server' ? { ...place, keepsQueueFile: true } : place

/** Returns the log of a given directory, even if it is not a workspace; or what denies access to it, or blocks its name. */
export const checkReachable = (dir: string): E.Either<SearchFailure, LogPlace> => {
  const candidate = checkWorkspace(dir)
  if (candidate === undefined) return E.right({ _tag: 'directory', dir })
  if (E.isRight(candidate)) return candidate
  const { left: failure } = candidate
  switch (failure.failure) {
    case 'AccessDenied':
    case 'ConfigUnusable':
    case 'TwoLogs':
      return candidate
    case 'NotAWorkspace':
      return isBlocked(failure) ? E.left({ ...failure, named: true }) : E.right({ _tag: 'directory', dir })
    case 'IoFailed':
      return E.right({ _tag: 'directory', dir })
  }
}

/** True if no workspace can be created there: something else has the name, or its log must be fetched. */
export const isBlocked = (failure: SearchFailure): failure is NotAWorkspace =>
  failure.failure === 'NotAWorkspace' && failure.cause !== 'no_log' && failure.cause !== 'emptied'

/** The directories to search, in this order; adds the linked worktrees found on the way to `worktrees`. */
function* searchPath(from: string, worktrees: Array<LinkedWorktree>): Generator<string> {
  for (const dir of parentDirs(from)) {
    yield dir
    const worktree = readLinkedWorktree(dir)
    if (worktree === undefined) continue
    worktrees.push(worktree)
    yield* mainCheckoutPath(worktree, from)
  }
  for (const { main } of worktrees) if (main._tag === 'found') yield* parentDirs(dirname(main.root))
}

/** The directory in the main checkout that corresponds to `from` in a linked worktree, and those above it. */
export function* mainCheckoutPath({ root, main }: LinkedWorktree, from: string): Generator<string> {
  if (main._tag === 'found') yield* parentDirs(join(main.root, relative(root, from)), main.root)
}

/** Yields `dir`, and the directories above it up to `top`. */
export function* parentDirs(dir: string, top = '/'): Generator<string> {
  for (let current = dir; ; current = dirname(current)) {
    yield current
    if (current === top || current === dirname(current)) return
  }
}

/** The log of the `.claimlog` in `dir`, or why it cannot be used; undefined: there is none. */
export const findDefaultWorkspace = (dir: string): E.Either<SearchFailure, LogPlace> | undefined => {
  const candidate = checkWorkspace(join(dir, defaultDirName))
  if (candidate === undefined || E.isRight(candidate)) return candidate
  const { left: failure } = candidate
  // If git tracks its .gitignore, checking out a branch creates the directory without the log.
  const isMadeByGit = failure.failure === 'NotAWorkspace' && failure.cause === 'no_log'
  return isMadeByGit && findLinkedWorktree(dir) !== undefined ? undefined : candidate
}

/** A main checkout that cannot be read may contain the nearest workspace. */
export const checkMainCheckoutAccess = (worktree: LinkedWorktree | undefined): AccessDenied | undefined =>
  worktree?.main._tag === 'closed'
    ? { failure: 'AccessDenied', path: join(worktree.root, '.git'), closed: worktree.main.closed }
    : undefined

type UnusableDir = NotAWorkspace | AccessDenied | ConfigUnusable | TwoLogs | IoFailed

/** The log of `dir`, if it is a workspace: a directory with a log, or that leads to one. undefined: nothing has that name. */
const checkWorkspace = (dir: string): E.Either<UnusableDir, LogPlace> | undefined => {
  try {
    const stats = lstatSync(dir, { throwIfNoEntry: false })
    if (stats === undefined) return undefined
    const cause = stats.isDirectory() ? undefined : checkLinkTarget(dir, stats)
    if (cause !== undefined) return notAWorkspace(dir, cause, stats)
    // Any other directory may have a `config.json` of its owner.
    if (basename(dir) === defaultDirName && hasEntry(join(dir, configFileName))) return readConfiguredPlace(dir)
    // Any kind of file: opening it reports if it can be used.
    if (hasEntry(join(dir, logFileName))) return E.right({ _tag: 'directory', dir })
    if (hasEntry(join(dir, `${logFileName}.dvc`))) return notAWorkspace(dir, 'not_fetched', stats)
    return notAWorkspace(dir, hasOnlyGitFiles(dir) ? 'no_log' : 'emptied', stats)
  } catch (thrown) {
    return E.left(toAccessFailure(join(dir, logFileName), thrown))
  }
}

/** True if there is anything at `path`, also a symbolic link to nothing. Throws if that cannot be known. */
const hasEntry = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Returns the failure of an access to `path`: for `EACCES` with the closed file or directory, and its owner. */
export const toAccessFailure = (path: string, thrown: unknown, operation = 'look at'): AccessDenied | IoFailed => {
  const code = systemErrorCode(thrown)
  if (code === undefined) throw thrown
  const denied = code === 'EACCES' ? findAccessDenied(path) : undefined
  const { message } = thrown as Error
  return withSystemError(denied ?? { failure: 'IoFailed', path, operation, code, detail: message }, thrown)
}

/** Returns why the system answered EACCES for `path`; undefined: no longer visible. */
export const findAccessDenied = (path: string): AccessDenied | undefined => {
  const closed = findClosedPath(path)
  return closed && { failure: 'AccessDenied', path, closed }
}

const notAWorkspace = (
  path: string,
  cause: NotAWorkspace['cause'],
  { uid, mode }: Stats,
): E.Either<NotAWorkspace, never> => E.left({ failure: 'NotAWorkspace', path, cause, uid, mode: mode & 0o7777 })

/** Why something other than a directory does not lead to one; undefined: it is a symbolic link that does. */
const checkLinkTarget = (path: string, stats: Stats): NotAWorkspace['cause'] | undefined => {
  if (!stats.isSymbolicLink()) return 'no_directory'
  try {
    const target = statSync(path, { throwIfNoEntry: false })
    if (target === undefined) return 'dangling_link'
    return target.isDirectory() ? undefined : 'no_directory'
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ELOOP') return 'link_cycle'
    throw thrown
  }
}

/** True if `dir` contains only what a checkout of git may have put there: `.gitignore`, `.gitkeep`. */
const hasOnlyGitFiles = (dir: string): boolean => readdirSync(dir).every(name => name.startsWith('.git'))

/** The working directory, an absolute path; undefined: it was deleted while this process, or its parent, was in it. */
export const workingDirectory = (): string | undefined => {
  try {
    // Node caches the first result of the system, and would keep using the path of a deleted directory.
    const cwd = process.cwd()
    return statSync(cwd, { throwIfNoEntry: false }) === undefined ? undefined : cwd
  } catch (thrown) {
    // A directory above it may be closed to this user, which does not affect a process that is already inside.
    return systemErrorCode(thrown) === 'ENOENT' ? undefined : process.cwd()
  }
}

/** Resolves `path`, which may be relative to the working directory. */
export const absolutePath = (path: string): E.Either<NoWorkingDirectory, string> => {
  if (isAbsolute(path)) return E.right(resolve(path))
  const cwd = workingDirectory()
  return cwd === undefined ? E.left({ failure: 'NoWorkingDirectory', path }) : E.right(join(cwd, path))
}

/** Line 1 of a log is shorter, and a log without a complete line has no event. */
const firstLineBytesMax = 1024

/** Reports a log in `dir` that was emptied or deleted: it has no event, although `queue.json` was written from one. */
export const findLostLog = (dir: string): LogDamaged | undefined => {
  const path = join(dir, logFileName)
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats !== undefined && (!stats.isFile() || stats.size > firstLineBytesMax)) return undefined
    if (stats !== undefined && readFileSync(path).includes(0x0a)) return undefined
    const { seq = 0 } = readQueueFile(join(dir, queueFileName))
    // After line 1 there is no task yet, and no token.
    if (seq <= 1) return undefined
    const finding = stats === undefined ? 'the log is gone' : 'the log has no event'
    const detail = `${finding}, but queue.json was written from it at seq ${seq}: it was emptied or deleted`
    return { failure: 'LogDamaged', path, line: 1, offset: 0, detail, cause: 'emptied' }
  } catch {
    // Opening the log reports why it cannot be read.
    return undefined
  }
}
