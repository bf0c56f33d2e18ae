import { constants, lstatSync, readFileSync, realpathSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { codeOf, firstBytes, logFileName, withOpen } from '@claimlog/event-log-file'
import { derivedFiles } from '@claimlog/queue-file'
import { type Tracking, trackingIn } from './git-index.ts'
import { smallText } from './small-text.ts'

/** A working tree of git's: its top directory, and where git keeps its index. */
export type Checkout = { readonly root: string; readonly gitDir: string }

/**
 * The checkout that holds the directory `dir`, by the path that links lead to; undefined: none does. Starts no git, and
 * ignores `GIT_DIR` and `GIT_WORK_TREE`, which git sets for the hooks of whichever repository it works on.
 */
export const checkoutOf = (dir: string): Checkout | undefined => {
  let root: string
  try {
    root = realpathSync.native(dir)
  } catch {
    return undefined
  }
  for (;;) {
    const checkout = checkoutAt(root)
    if (checkout !== undefined) return checkout
    const above = dirname(root)
    if (above === root) return undefined
    root = above
  }
}

/** The checkout whose top directory is `root`; undefined: it is none. */
export const checkoutAt = (root: string): Checkout | undefined => {
  const dotGit = join(root, '.git')
  const stats = statsAt(dotGit)
  if (stats === undefined) return undefined
  if (stats.isDirectory()) return statsAt(join(dotGit, 'HEAD')) && { root, gitDir: dotGit }
  const named = stats.isFile() ? /^gitdir: ([^\0]+?)[\r\n]*$/.exec(smallText(dotGit) ?? '')?.[1] : undefined
  return named === undefined ? undefined : { root, gitDir: resolve(root, named) }
}

/** undefined: there is no such file, or it cannot be told. */
const statsAt = (path: string) => {
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
  /** The workspace's directory in it, with `/`; `.` where it is the top directory itself. */
  readonly folder: string
}

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants

/** An index of fewer bytes is read faster than a file that says what it said. */
const smallIndexBytes = 128 * 1024

/** What the index of the checkout that holds `dir` says of the log in `dir`; undefined: there is none, or it cannot be read. */
export const trackingOf = (
  dir: string,
): { readonly tracking: Tracking | undefined; readonly log: TrackedLog } | undefined => {
  const checkout = checkoutOf(dir)
  if (checkout === undefined) return undefined
  const log = trackedIn(checkout, dir)
  return { tracking: readTracking(checkout, pathIn(log, logFileName)), log }
}

/** Whether git tracks the file at `path`, or may, as its index cannot be read. */
export const isTracked = (path: string): boolean => {
  const checkout = checkoutOf(dirname(path))
  if (checkout === undefined) return false
  return readTracking(checkout, pathIn(trackedIn(checkout, dirname(path)), basename(path))) !== 'untracked'
}

/**
 * The log in `dir`, if git tracks it. Costs a `stat` for each directory above it, and in a checkout the reading of the
 * index, unless the answer is kept for an index that has not changed since.
 */
export const findTrackedLog = (dir: string): TrackedLog | undefined => {
  const checkout = checkoutOf(dir)
  if (checkout === undefined) return undefined
  const index = statSync(join(checkout.gitDir, 'index'), { bigint: true, throwIfNoEntry: false })
  if (index === undefined) return undefined
  const log = trackedIn(checkout, dir)
  const answer = (): TrackedLog | undefined =>
    readTracking(checkout, pathIn(log, logFileName)) === 'tracked' ? log : undefined
  if (index.size < smallIndexBytes) return answer()
  const keptPath = join(dir, derivedFiles.untracked)
  // Ends in a space, so that one that was cut off does not pass for whole.
  const untracked = `${index.dev}:${index.ino}:${index.size}:${index.mtimeNs}:${index.ctimeNs} `
  if (firstBytes(keptPath) === untracked) return undefined
  const tracked = answer()
  if (tracked === undefined && isDirectory(join(dir, derivedFiles.dir))) keep(keptPath, untracked)
  return tracked
}

const isDirectory = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const keep = (path: string, text: string): void => {
  try {
    withOpen(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, fd => writeSync(fd, text))
  } catch {
    // It is looked up again next time.
  }
}

const trackedIn = ({ root }: Checkout, dir: string): TrackedLog => {
  const path = relative(root, realpathSync.native(dir)).split(sep).join('/')
  return { checkout: root, folder: path === '' ? '.' : path }
}

/** The path of a file beside the log, as git's index has it. */
const pathIn = ({ folder }: TrackedLog, name: string): string => (folder === '.' ? name : `${folder}/${name}`)

const readTracking = ({ gitDir }: Checkout, path: string): Tracking | undefined => {
  const bytes = bytesOf(join(gitDir, 'index'))
  if (bytes === undefined) return 'untracked'
  return trackingIn(bytes, path, hash => bytesOf(join(gitDir, `sharedindex.${hash}`)))
}

const bytesOf = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Git tracks the log, and so copies, rewinds and deletes it. `path`: the log's. */
export type LogTracked = { readonly notice: 'LogTracked'; readonly path: string } & TrackedLog

/** A process that runs for long looks again after so long. */
const lookAgainMs = 60_000

/** What cannot be looked at now, for want of file descriptors or permission, must not keep a command from being done. */
const findIfReadable = (dir: string): TrackedLog | undefined => {
  try {
    return findTrackedLog(dir)
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown
    return undefined
  }
}

/** Tells once if git tracks the log in `dir`; called before each command, looks before the first and now and then. */
export const trackedLogWatch = (dir: string, notify: (notice: LogTracked) => void): (() => void) => {
  let lookedAtMs: number | undefined
  let told = false
  return () => {
    if (told) return
    // A clock that is set has it look once more, or a little later.
    const now = Date.now()
    if (lookedAtMs !== undefined && Math.abs(now - lookedAtMs) < lookAgainMs) return
    lookedAtMs = now
    const tracked = findIfReadable(dir)
    told = tracked !== undefined
    if (tracked !== undefined) notify({ notice: 'LogTracked', path: join(dir, logFileName), ...tracked })
  }
}
