import { closeSync, constants, lstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { defaultDirName, upwards } from '../find-workspace.ts'
import { type Checkout, checkoutOf } from './checkout.ts'
import { commonDirOf, mainCheckoutOf } from './main-checkout.ts'
import { smallText } from './small-text.ts'

/** Number of directories checked next to a project. */
const maxNeighbours = 200
/** Line 1 of a log is shorter. */
const firstLineBytes = 4096

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/**
 * Finds the directories with another copy of the workspace in `dir`: another file whose first line has the same id.
 * Searches the usual places: the repository's other worktrees, the directories above, and those next to the project.
 */
export const findCopies = (dir: string, workspace: string): ReadonlyArray<string> => {
  const own = identityOf(join(dir, logFileName))
  const real = realPath(dir)
  if (own === undefined || real === undefined) return []
  const copies = new Map<string, string>()
  for (const place of [...inWorktrees(real).map(worktree => worktree.dir), ...above(real), ...beside(real)]) {
    const path = join(place, logFileName)
    const identity = identityOf(path)
    if (identity === undefined || identity === own || copies.has(identity)) continue
    if (workspaceOf(path) === workspace) copies.set(identity, place)
  }
  return [...copies.values()]
}

/**
 * Finds separate queues in the repository's other worktrees, in addition to the workspace in `dir`: a worker there
 * takes its queue for the team's, and never gets a task from the other one. Only directories with the default name
 * count.
 */
export const findOtherQueues = (dir: string, workspace: string): ReadonlyArray<string> => {
  const real = realPath(dir)
  if (real === undefined || basename(real) !== defaultDirName) return []
  const places = inWorktrees(dirname(real)).flatMap(worktree => {
    const nearest = [...upwards(worktree.dir, worktree.root)]
      .map(ancestor => join(ancestor, defaultDirName))
      .find(holdsLog)
    return nearest === undefined ? [] : [nearest]
  })
  return [...new Set(places)].filter(place => {
    const id = place === real ? undefined : workspaceOf(join(place, logFileName))
    return id !== undefined && id !== workspace
  })
}

const holdsLog = (place: string): boolean => identityOf(join(place, logFileName)) !== undefined

/** The directory that corresponds to `dir` in each of the repository's worktrees. */
const inWorktrees = (dir: string): ReadonlyArray<{ readonly dir: string; readonly root: string }> => {
  const checkout = checkoutOf(dir)
  if (checkout === undefined) return []
  const worktrees = join(commonDirOf(checkout.gitDir), 'worktrees')
  const linked = namesIn(worktrees).flatMap(name => {
    const gitFile = smallText(join(worktrees, name, 'gitdir'))?.trim()
    // Relative to the file that contains it if worktree.useRelativePaths is set.
    return gitFile === undefined || gitFile === '' ? [] : [dirname(resolve(worktrees, name, gitFile))]
  })
  return [mainRoot(checkout), ...linked].map(root => ({ dir: join(root, relative(checkout.root, dir)), root }))
}

const mainRoot = (checkout: Checkout): string => {
  const main = mainCheckoutOf(checkout)
  return main?.main === 'found' ? main.root : checkout.root
}

const above = (dir: string): ReadonlyArray<string> => {
  const places: Array<string> = []
  for (let at = dirname(dirname(dir)); ; at = dirname(at)) {
    places.push(join(at, basename(dir)))
    if (at === dirname(at)) return places
  }
}

const beside = (dir: string): ReadonlyArray<string> => {
  const project = dirname(dir)
  const neighbours = namesIn(dirname(project)).slice(0, maxNeighbours)
  const inProject = namesIn(project).slice(0, maxNeighbours)
  return [
    ...neighbours.map(name => join(dirname(project), name, basename(dir))),
    ...inProject.map(name => join(project, name)),
  ]
}

const namesIn = (dir: string): ReadonlyArray<string> => {
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

const identityOf = (path: string): string | undefined => {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    return stats?.isFile() === true ? `${stats.dev}:${stats.ino}` : undefined
  } catch {
    return undefined
  }
}

/** The id in line 1 of a log; undefined: there is none, or it cannot be read. */
const workspaceOf = (path: string): string | undefined => {
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
