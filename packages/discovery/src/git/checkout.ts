import { constants, lstatSync, readFileSync, realpathSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { systemErrorCode, readHead, logFileName, withDescriptor } from '@claimlog/event-log-file'
import { derivedFiles } from '@claimlog/queue-file'
import { type Tracking, findTracking } from './git-index.ts'
import { readSmallText } from './read-small-text.ts'

/** A working tree of git: its top directory, and the directory of its index. */
export type Checkout = { readonly root: string; readonly gitDir: string }

/**
 * Returns the checkout that contains the directory `dir`, after resolving links; undefined: none does. Does not start
 * git, and ignores `GIT_DIR` and `GIT_WORK_TREE`, which git sets for hooks of any repository.
 */
export const findCheckout = (dir: string): Checkout | undefined => {
  let root: string
  try {
    root = realpathSync.native(dir)
  } catch {
    return undefined
  }
  for (;;) {
    const checkout = readCheckout(root)
    if (checkout !== undefined) return checkout
    const parent = dirname(root)
    if (parent === root) return undefined
    root = parent
  }
}

/** The checkout whose top directory is `root`; undefined: there is none. */
export const readCheckout = (root: string): Checkout | undefined => {
  const dotGit = join(root, '.git')
  const stats = readStats(dotGit)
  if (stats === undefined) return undefined
  if (stats.isDirectory()) return readStats(join(dotGit, 'HEAD')) && { root, gitDir: dotGit }
  const gitDirPath = stats.isFile() ? /^gitdir: ([^\0]+?)[\r\n]*$/.exec(readSmallText(dotGit) ?? '')?.[1] : undefined
  return gitDirPath === undefined ? undefined : { root, gitDir: resolve(root, gitDirPath) }
}

/** undefined: there is no such file, or it is not visible. */
const readStats = (path: string) => {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** A log that git tracks: git copies, rewinds and deletes it. */
export type TrackedLog = {
  /** The top directory of the checkout. */
  readonly checkout: string
  /** The workspace's directory in it, with `/`; `.` for the top directory itself. */
  readonly folder: string
}

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants

/** Reading a smaller index is faster than reading a cached result. */
const smallIndexBytesMax = 128 * 1024

/**
 * Returns how git's index treats the log in `dir`; undefined: there is no checkout; `tracking` is undefined if the
 * index cannot be read.
 */
export const checkTracking = (
  dir: string,
): { readonly tracking: Tracking | undefined; readonly log: TrackedLog } | undefined => {
  const checkout = findCheckout(dir)
  if (checkout === undefined) return undefined
  const log = toTrackedLog(checkout, dir)
  return { tracking: readTracking(checkout, indexPath(log, logFileName)), log }
}

/** True if git tracks the file at `path`, or may track it because its index cannot be read. */
export const isTracked = (path: string): boolean => {
  const checkout = findCheckout(dirname(path))
  if (checkout === undefined) return false
  return readTracking(checkout, indexPath(toTrackedLog(checkout, dirname(path)), basename(path))) !== 'untracked'
}

/**
 * The log in `dir`, if git tracks it. Costs a `stat` per directory above it, and in a checkout a read of the index,
 * unless the result is cached for an unchanged index.
 */
export const findTrackedLog = (dir: string): TrackedLog | undefined => {
  const checkout = findCheckout(dir)
  if (checkout === undefined) return undefined
  const index = statSync(join(checkout.gitDir, 'index'), { bigint: true, throwIfNoEntry: false })
  if (index === undefined) return undefined
  const log = toTrackedLog(checkout, dir)
  const readIndex = (): TrackedLog | undefined =>
    readTracking(checkout, indexPath(log, logFileName)) === 'tracked' ? log : undefined
  if (index.size < smallIndexBytesMax) return readIndex()
  const cachePath = join(dir, derivedFiles.untracked)
  // Ends in a space, so that a truncated one is not taken for a complete one.
  const untracked = `${index.dev}:${index.ino}:${index.size}:${index.mtimeNs}:${index.ctimeNs} `
  if (readHead(cachePath) === untracked) return undefined
  const trackedLog = readIndex()
  if (trackedLog === undefined && isDirectory(join(dir, derivedFiles.dir))) writeCache(cachePath, untracked)
  return trackedLog
}

const isDirectory = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const writeCache = (path: string, text: string): void => {
  try {
    withDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, fd => writeSync(fd, text))
  } catch {
    // It is read again next time.
  }
}

const toTrackedLog = ({ root }: Checkout, dir: string): TrackedLog => {
  const path = relative(root, realpathSync.native(dir)).split(sep).join('/')
  return { checkout: root, folder: path === '' ? '.' : path }
}

/** The path of a file next to the log, as in git's index. */
const indexPath = ({ folder }: TrackedLog, name: string): string => (folder === '.' ? name : `${folder}/${name}`)

const readTracking = ({ gitDir }: Checkout, path: string): Tracking | undefined => {
  const bytes = readBytes(join(gitDir, 'index'))
  if (bytes === undefined) return 'untracked'
  return findTracking(bytes, path, hash => readBytes(join(gitDir, `sharedindex.${hash}`)))
}

const readBytes = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Git tracks the log, and so copies, rewinds and deletes it. `path`: the log's. */
export type LogTracked = { readonly notice: 'LogTracked'; readonly path: string } & TrackedLog

/** A long-lived process checks again after this time. */
const recheckMs = 60_000

/** A failed check, because of file descriptors or permissions, must not prevent a command. */
const tryFindTrackedLog = (dir: string): TrackedLog | undefined => {
  try {
    return findTrackedLog(dir)
  } catch (thrown) {
    if (systemErrorCode(thrown) === undefined) throw thrown
    return undefined
  }
}

/**
 * Notifies once if git tracks the log in `dir`. The result is called before each command; it checks at first and now
 * and then.
 */
export const watchTrackedLog = (dir: string, notify: (notice: LogTracked) => void): (() => void) => {
  let checkedAtMs: number | undefined
  let isNotified = false
  return () => {
    if (isNotified) return
    // If the clock is set, it checks again, or a little later.
    const now = Date.now()
    if (checkedAtMs !== undefined && Math.abs(now - checkedAtMs) < recheckMs) return
    checkedAtMs = now
    const trackedLog = tryFindTrackedLog(dir)
    isNotified = trackedLog !== undefined
    if (trackedLog !== undefined) notify({ notice: 'LogTracked', path: join(dir, logFileName), ...trackedLog })
  }
}
