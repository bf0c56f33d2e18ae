import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { linkedWorktreeAbove } from './git/linked-worktree.ts'
import {
  absolutePath,
  accessDenied,
  counterparts,
  defaultDirName,
  isInTheWay,
  reachable,
  upwards,
  workingDirectory,
  workspaceIn,
} from './find-workspace.ts'
import type { SearchFailure } from './search-failure.ts'

/** The place for a new workspace. */
export type WorkspacePlace = {
  readonly dir: string
  /** The main checkout that contains it, if `init` runs in a linked worktree that will share it. */
  readonly mainCheckout?: string
}

/**
 * Chooses where `init` creates a workspace: `givenDir`, else `.claimlog` in the working directory. In a linked worktree
 * that would be a second queue for the same work, so there it is the one of this checkout or of the main checkout,
 * created at its top if there is none.
 */
export const placeWorkspace = (named: string | undefined): E.Either<SearchFailure, WorkspacePlace> => {
  if (named !== undefined) return E.map((dir: string) => ({ dir }))(E.chain(reachable)(absolutePath(named)))
  const from = workingDirectory()
  if (from === undefined) return E.left({ failure: 'NoWorkingDirectory' })
  const worktree = linkedWorktreeAbove(from)
  if (worktree === undefined) {
    const here = workspaceIn(from)
    const inTheWay = here !== undefined && E.isLeft(here) && isInTheWay(here.left)
    return inTheWay ? here : E.right({ dir: join(from, defaultDirName) })
  }
  const denied = accessDenied(worktree)
  if (denied !== undefined) return E.left(denied)
  const { root, main } = worktree
  if (main.main !== 'found') return E.left({ failure: 'NoWorkspace', from, main })
  for (const dir of upwards(from, root)) {
    const found = workspaceIn(dir)
    if (found !== undefined) return E.map((own: string) => ({ dir: own }))(found)
  }
  for (const dir of counterparts(worktree, from)) {
    const found = workspaceIn(dir)
    if (found !== undefined && !isWithoutLog(found))
      return E.map((shared: string) => ({ dir: shared, mainCheckout: main.root }))(found)
  }
  return E.right({ dir: join(main.root, defaultDirName), mainCheckout: main.root })
}

const isWithoutLog = (found: E.Either<SearchFailure, string>): boolean =>
  E.isLeft(found) && found.left.failure === 'NotAWorkspace' && found.left.cause === 'no_log'
