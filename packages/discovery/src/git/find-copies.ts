import { closeSync, constants, lstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { defaultDirName, parentDirs } from '../find-workspace.ts'
import { type Checkout, findCheckout } from './checkout.ts'
import { findCommonDir, findMainCheckout } from './main-checkout.ts'
import { readSmallText } from './read-small-text.ts'

/** Number of directories checked next to a project. */
const neighboursMax = 200
/** Line 1 of a log is shorter. */
const firstLineBytes = 4096

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/**
 * Finds the directories with another copy of the workspace in `dir`: another file whose first line has the same id.
 * Searches the usual places: the repository's other worktrees, the directories above, and those next to the project.
 */
export const findCopies = (dir: string, workspace: string): ReadonlyArray<string> => {
  const ownIdentity = fileIdentity(join(dir, logFileName))
  const realDir = realPath(dir)
  if (ownIdentity === undefined || realDir === undefined) return []
  const copies = new Map<string, string>()
  for (const candidateDir of [
    ...worktreeDirs(realDir).map(worktree => worktree.dir),
    ...ancestorDirs(realDir),
    ...neighbourDirs(realDir),
  ]) {
    const path = join(candidateDir, logFileName)
    const identity = fileIdentity(path)
    if (identity === undefined || identity === ownIdentity || copies.has(identity)) continue
    if (readWorkspaceId(path) === workspace) copies.set(identity, candidateDir)
  }
  return [...copies.values()]
}

/**
 * Finds separate queues in the repository's other worktrees, in addition to the workspace in `dir`: a worker there
 * takes its queue for the team's, and never gets a task from the other one. Only directories with the default name
 * count.
 */
export const findOtherQueues = (dir: string, workspace: string): ReadonlyArray<string> => {
  const realDir = realPath(dir)
  if (realDir === undefined || basename(realDir) !== defaultDirName) return []
  const candidateDirs = worktreeDirs(dirname(realDir)).flatMap(worktree => {
    const nearestQueue = [...parentDirs(worktree.dir, worktree.root)]
      .map(ancestor => join(ancestor, defaultDirName))
      .find(hasLog)
    return nearestQueue === undefined ? [] : [nearestQueue]
  })
  return [...new Set(candidateDirs)].filter(candidateDir => {
    const id = candidateDir === realDir ? undefined : readWorkspaceId(join(candidateDir, logFileName))
    return id !== undefined && id !== workspace
  })
}

const hasLog = (candidateDir: string): boolean => fileIdentity(join(candidateDir, logFileName)) !== undefined

/** The directory that corresponds to `dir` in each of the repository's worktrees. */
const worktreeDirs = (dir: string): ReadonlyArray<{ readonly dir: string; readonly root: string }> => {
  const checkout = findCheckout(dir)
  if (checkout === undefined) return []
  const worktrees = join(findCommonDir(checkout.gitDir), 'worktrees')
  const linked = listNames(worktrees).flatMap(name => {
    const gitFile = readSmallText(join(worktrees, name, 'gitdir'))?.trim()
    // Relative to the file that contains it if worktree.useRelativePaths is set.
    return gitFile === undefined || gitFile === '' ? [] : [dirname(resolve(worktrees, name, gitFile))]
  })
  return [findMainRoot(checkout), ...linked].map(root => ({ dir: join(root, relative(checkout.root, dir)), root }))
}

const findMainRoot = (checkout: Checkout): string => {
  const main = findMainCheckout(checkout)
  return main?._tag === 'found' ? main.root : checkout.root
}

const ancestorDirs = (dir: string): ReadonlyArray<string> => {
  const candidateDirs: Array<string> = []
  for (let current = dirname(dirname(dir)); ; current = dirname(current)) {
    candidateDirs.push(join(current, basename(dir)))
    if (current === dirname(current)) return candidateDirs
  }
}

const neighbourDirs = (dir: string): ReadonlyArray<string> => {
  const project = dirname(dir)
  const neighbours = listNames(dirname(project)).slice(0, neighboursMax)
  const inProject = listNames(project).slice(0, neighboursMax)
  return [
    ...neighbours.map(name => join(dirname(project), name, basename(dir))),
    ...inProject.map(name => join(project, name)),
  ]
}

const listNames = (dir: string): ReadonlyArray<string> => {
  try {
    return readdirSync(dir).sort()
  } catch {
    return []
  }
}

const realPath = (dir: string): string | undefined => {
  try {
    return realpathSync.native(dir)
  } catch {
    return undefined
  }
}

const fileIdentity = (path: string): string | undefined => {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    return stats?.isFile() === true ? `${stats.dev}:${stats.ino}` : undefined
  } catch {
    return undefined
  }
}

/** The id in line 1 of a log; undefined: there is none, or it cannot be read. */
const readWorkspaceId = (path: string): string | undefined => {
  try {
    const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const bytes = Buffer.alloc(firstLineBytes)
      const [line = ''] = bytes.toString('utf8', 0, readSync(fd, bytes, 0, firstLineBytes, 0)).split('\n')
      const { workspace } = JSON.parse(line) as { readonly workspace?: unknown }
      return typeof workspace === 'string' ? workspace : undefined
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined
  }
}
