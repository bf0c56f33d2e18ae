import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { findLinkedWorktree } from './git/linked-worktree.ts'
import {
  absolutePath,
  checkMainCheckoutAccess,
  mainCheckoutPath,
  defaultDirName,
  isBlocked,
  checkReachable,
  parentDirs,
  workingDirectory,
  findDefaultWorkspace,
} from './find-workspace.ts'
import type { LogPlace } from './log-place.ts'
import type { SearchFailure } from './search-failure.ts'

/** The place for a new workspace. */
export type WorkspaceLocation = {
  readonly dir: string
  /** The log on a server that an existing workspace in `dir` leads to; undefined: its log is or will be in `dir`. */
  readonly url: string | undefined
  /** The main checkout that contains it, if `init` runs in a linked worktree that will share it. */
  readonly mainCheckout?: string
}

/**
 * Chooses where `init` creates a workspace: `givenDir`, else `.claimlog` in the working directory. In a linked worktree
 * that would be a second queue for the same work, so there it is the one of this checkout or of the main checkout,
 * created at its top if there is none.
 */
export const locateWorkspace = (givenDir: string | undefined): E.Either<SearchFailure, WorkspaceLocation> => {
  if (givenDir !== undefined)
    return E.chain((dir: string) => E.map(toLocation(dir))(checkReachable(dir)))(absolutePath(givenDir))
  const from = workingDirectory()
  if (from === undefined) return E.left({ failure: 'NoWorkingDirectory' })
  const worktree = findLinkedWorktree(from)
  if (worktree === undefined) {
    const dir = join(from, defaultDirName)
    const existing = findDefaultWorkspace(from)
    if (existing === undefined) return E.right({ dir, url: undefined })
    const isUsed = E.isRight(existing) || isBlocked(existing.left) || isMisconfigured(existing.left)
    return isUsed ? E.map(toLocation(dir))(existing) : E.right({ dir, url: undefined })
  }
  const denied = checkMainCheckoutAccess(worktree)
  if (denied !== undefined) return E.left(denied)
  const { root, main } = worktree
  if (main._tag !== 'found') return E.left({ failure: 'NoWorkspace', from, main })
  for (const dir of parentDirs(from, root)) {
    const candidate = findDefaultWorkspace(dir)
    if (candidate !== undefined) return E.map(toLocation(join(dir, defaultDirName)))(candidate)
  }
  for (const dir of mainCheckoutPath(worktree, from)) {
    const candidate = findDefaultWorkspace(dir)
    if (candidate !== undefined && !isWithoutLog(candidate))
      return E.map((place: LogPlace) => ({ ...toLocation(join(dir, defaultDirName))(place), mainCheckout: main.root }))(
        candidate,
      )
  }
  return E.right({ dir: join(main.root, defaultDirName), url: undefined, mainCheckout: main.root })
}

const toLocation =
  (dir: string) =>
  (place: LogPlace): WorkspaceLocation => ({ dir, url: place._tag === 'server' ? place.url : undefined })

/** True if the workspace exists, and only a person can say which log it means. */
const isMisconfigured = ({ failure }: SearchFailure): boolean => failure === 'ConfigUnusable' || failure === 'TwoLogs'

const isWithoutLog = (candidate: E.Either<SearchFailure, LogPlace>): boolean =>
  E.isLeft(candidate) && candidate.left.failure === 'NotAWorkspace' && candidate.left.cause === 'no_log'
