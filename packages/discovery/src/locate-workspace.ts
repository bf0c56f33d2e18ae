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
import type { SearchFailure } from './search-failure.ts'

/** The place for a new workspace. */
export type WorkspaceLocation = {
  readonly dir: string
  /** The main checkout that contains it, if `init` runs in a linked worktree that will share it. */
  readonly mainCheckout?: string
}

/**
 * Chooses where `init` creates a workspace: `givenDir`, else `.claimlog` in the working directory. In a linked worktree
 * that would be a second queue for the same work, so there it is the one of this checkout or of the main checkout,
 * created at its top if there is none.
 */
export const locateWorkspace = (givenDir: string | undefined): E.Either<SearchFailure, WorkspaceLocation> => {
  if (givenDir !== undefined) return E.map((dir: string) => ({ dir }))(E.chain(checkReachable)(absolutePath(givenDir)))
  const from = workingDirectory()
  if (from === undefined) return E.left({ failure: 'NoWorkingDirectory' })
  const worktree = findLinkedWorktree(from)
  if (worktree === undefined) {
    const existing = findDefaultWorkspace(from)
    const isNameTaken = existing !== undefined && E.isLeft(existing) && isBlocked(existing.left)
    return isNameTaken ? existing : E.right({ dir: join(from, defaultDirName) })
  }
  const denied = checkMainCheckoutAccess(worktree)
  if (denied !== undefined) return E.left(denied)
  const { root, main } = worktree
  if (main._tag !== 'found') return E.left({ failure: 'NoWorkspace', from, main })
  for (const dir of parentDirs(from, root)) {
    const candidate = findDefaultWorkspace(dir)
    if (candidate !== undefined) return E.map((ownDir: string) => ({ dir: ownDir }))(candidate)
  }
  for (const dir of mainCheckoutPath(worktree, from)) {
    const candidate = findDefaultWorkspace(dir)
    if (candidate !== undefined && !isWithoutLog(candidate))
      return E.map((sharedDir: string) => ({ dir: sharedDir, mainCheckout: main.root }))(candidate)
  }
  return E.right({ dir: join(main.root, defaultDirName), mainCheckout: main.root })
}

const isWithoutLog = (candidate: E.Either<SearchFailure, string>): boolean =>
  E.isLeft(candidate) && candidate.left.failure === 'NotAWorkspace' && candidate.left.cause === 'no_log'
