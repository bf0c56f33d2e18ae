import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { logFileName } from '@claimlog/event-log-file'
import { type LinkedWorktree, linkedWorktreeAbove, linkedWorktreeAt } from './git/linked-worktree.ts'
import type { AccessDenied, NotAWorkspace, SearchFailure } from './search-failure.ts'
import { absolutePath, workingDirectory } from './working-directory.ts'
import { workspaceAt } from './workspace-at.ts'

/** The name of a workspace's directory if no other is named. */
export const defaultDirName = '.claimlog'

/**
 * The workspace's directory: `named`, by `--dir` or `CLAIMLOG_DIR`, else the nearest `.claimlog/`, looked for
 *
 * 1. in the working directory and above it, up to the top of its git checkout;
 * 2. if that is a linked worktree, in the same directory of the main checkout and above it, up to its top;
 * 3. further above the working directory, then further above the main checkout;
 *
 * else the first of these directories that itself holds a log. The nearest is never passed over for another one: if it
 * cannot be used, that is the answer.
 */
export const findWorkspace = (named: string | undefined): E.Either<SearchFailure, string> => {
  if (named !== undefined) return E.chain(reachable)(absolutePath(named))
  const from = workingDirectory()
  if (from === undefined) return E.left({ failure: 'NoWorkingDirectory' })
  const looked: Array<string> = []
  const worktrees: Array<LinkedWorktree> = []
  for (const dir of searchPath(from, worktrees)) {
    const denied = accessDenied(worktrees.at(-1))
    if (denied !== undefined) return E.left(denied)
    const found = workspaceIn(dir)
    if (found !== undefined) return found
    looked.push(dir)
  }
  const itself = looked.find(dir => existsSync(join(dir, logFileName)))
  return itself === undefined ? E.left({ failure: 'NoWorkspace', from, main: worktrees[0]?.main }) : E.right(itself)
}

/** A directory that was named, whether or not there is a workspace in it; or what keeps this user from it, or has its name. */
export const reachable = (dir: string): E.Either<SearchFailure, string> => {
  const found = workspaceAt(dir)
  if (found === undefined || E.isRight(found)) return E.right(dir)
  const { left: failure } = found
  if (failure.failure === 'AccessDenied') return E.left(failure)
  return isInTheWay(failure) ? E.left({ ...failure, named: true }) : E.right(dir)
}

/** Whether no workspace can be made there: something else has the name, or the log of one is to be fetched. */
export const isInTheWay = (failure: SearchFailure): failure is NotAWorkspace =>
  failure.failure === 'NotAWorkspace' && failure.cause !== 'no_log' && failure.cause !== 'emptied'

/** The directories to look into, in this order; adds the linked worktrees on the way to `worktrees`. */
function* searchPath(from: string, worktrees: Array<LinkedWorktree>): Generator<string> {
  for (const dir of upwards(from)) {
    yield dir
    const worktree = linkedWorktreeAt(dir)
    if (worktree === undefined) continue
    worktrees.push(worktree)
    yield* counterparts(worktree, from)
  }
  for (const { main } of worktrees) if (main.main === 'found') yield* upwards(dirname(main.root))
}

/** Where `from`, a directory of a linked worktree, is in the main checkout, and the directories above it there. */
export function* counterparts({ root, main }: LinkedWorktree, from: string): Generator<string> {
  if (main.main === 'found') yield* upwards(join(main.root, relative(root, from)), main.root)
}

/** `dir`, and the directories above it up to `top`. */
export function* upwards(dir: string, top = '/'): Generator<string> {
  for (let at = dir; ; at = dirname(at)) {
    yield at
    if (at === top || at === dirname(at)) return
  }
}

/** The `.claimlog` in `dir`, or why it cannot be used; undefined: there is none. */
export const workspaceIn = (dir: string): E.Either<SearchFailure, string> | undefined => {
  const path = join(dir, defaultDirName)
  const found = workspaceAt(path)
  if (found === undefined || E.isRight(found)) return found && E.right(path)
  const { left: failure } = found
  // Where git tracks its .gitignore, checking a branch out makes the directory, and not the log.
  const isMadeByGit = failure.failure === 'NotAWorkspace' && failure.cause === 'no_log'
  return isMadeByGit && linkedWorktreeAbove(dir) !== undefined ? undefined : found
}

/** A main checkout that cannot be looked into may have the nearest workspace. */
export const accessDenied = (worktree: LinkedWorktree | undefined): AccessDenied | undefined =>
  worktree?.main.main === 'closed'
    ? { failure: 'AccessDenied', path: join(worktree.root, '.git'), closed: worktree.main.closed }
    : undefined
