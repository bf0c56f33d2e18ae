import { statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type ClosedPath, findClosedPath } from '../closed-path.ts'
import { systemErrorCode } from '@claimlog/event-log-file'
import { type Checkout, readCheckout } from './checkout.ts'
import { readSmallText } from './read-small-text.ts'

/** The checkout that a linked worktree (`git worktree add`) belongs to. */
export type MainCheckout =
  /** `root` is its top directory; a bare repository without one counts as its own. */
  | { readonly _tag: 'found'; readonly root: string }
  /** A directory on the path to it is closed to this user. */
  | { readonly _tag: 'closed'; readonly closed: ClosedPath }
  /** It was moved or deleted, or does not list this worktree, or its git directory does not contain its location. */
  | { readonly _tag: 'unknown'; readonly gitDir: string }

/**
 * Finds the main checkout of a linked worktree; undefined: `checkout` is a main checkout itself, or a submodule.
 *
 * ```
 *   worktree/.git ──gitdir:──► main/.git/worktrees/x ──commondir──► main/.git
 *        ▲───────────gitdir───────────┘
 * ```
 *
 * Trusted only if both sides agree: the git directory is inside the common one and names this worktree, so that a
 * `.git` file in downloaded files leads nowhere.
 */
export const findMainCheckout = ({ root, gitDir }: Checkout): MainCheckout | undefined => {
  const dotGit = join(root, '.git')
  if (gitDir === dotGit) return undefined
  const closed = findClosedDir(join(gitDir, 'commondir'))
  if (closed !== undefined) return { _tag: 'closed', closed }
  const commonDirText = readSmallText(join(gitDir, 'commondir'))
  const unknown = { _tag: 'unknown', gitDir } as const
  if (commonDirText === undefined) return basename(dirname(gitDir)) === 'worktrees' ? unknown : undefined
  const commonDir = resolvePath(gitDir, commonDirText)
  const worktreeGitFile = resolvePath(gitDir, readSmallText(join(gitDir, 'gitdir')))
  if (commonDir === undefined || worktreeGitFile === undefined) return unknown
  // The system's `..`, which is the parent of a link's target.
  if (!isSameFile(`${gitDir}/..`, join(commonDir, 'worktrees')) || !isSameFile(worktreeGitFile, dotGit)) return unknown
  const mainRoot = findWorkTree(commonDir)
  return mainRoot === undefined ? unknown : { _tag: 'found', root: mainRoot }
}

/** The git directory that all checkouts of a repository share, given that of one. */
export const findCommonDir = (gitDir: string): string =>
  resolvePath(gitDir, readSmallText(join(gitDir, 'commondir'))) ?? gitDir

/**
 * The main working tree of the git directory `commonDir`: the directory whose `.git` it is, or a bare repository
 * itself.
 */
const findWorkTree = (commonDir: string): string | undefined => {
  const parent = dirname(commonDir)
  const core = coreSettings(commonDir)
  const configuredRoot = resolvePath(commonDir, core.get('worktree'))
  const refersBack = (root: string): boolean => {
    const { gitDir } = readCheckout(root) ?? {}
    return gitDir !== undefined && isSameFile(gitDir, commonDir)
  }
  // A submodule's git directory is inside its superproject's and contains the path of its files.
  if (configuredRoot !== undefined && refersBack(configuredRoot)) return configuredRoot
  // `.git` itself, or a `.git` file next to a bare repository that names it.
  if (refersBack(parent)) return parent
  return /^(?:|true|yes|on|1)$/i.test(core.get('bare') ?? 'false') ? commonDir : undefined
}

/** The `core` section of a git directory's configuration, in the syntax that git itself writes. */
const coreSettings = (gitDir: string): ReadonlyMap<string, string> => {
  const settings = new Map<string, string>()
  for (const name of ['config', 'config.worktree']) {
    let section = ''
    for (const line of (readSmallText(join(gitDir, name)) ?? '').split('\n')) {
      section = /^\s*\[\s*([^\]\s]+)\s*\]/.exec(line)?.[1]?.toLowerCase() ?? section
      const [, key, value = ''] = /^\s*(\w+)\s*(?:=\s*(.*?)\s*)?$/.exec(line) ?? []
      if (section === 'core' && key !== undefined) settings.set(key.toLowerCase(), unquote(value))
    }
  }
  return settings
}

const unquote = (value: string): string => {
  const quoted = /^"(.*)"$/.exec(value)?.[1]
  return quoted === undefined ? value : quoted.replace(/\\(["\\])/g, '$1')
}

/** The path in one of git's one-line files, which is relative to the file's directory. */
const resolvePath = (baseDir: string, text: string | undefined): string | undefined => {
  const path = text?.replace(/[\r\n]+$/, '')
  return path === undefined || path === '' || path.includes('\0') ? undefined : resolve(baseDir, path)
}

/** True if both paths lead to one file; cheaper than resolving their links. */
const isSameFile = (firstPath: string, secondPath: string): boolean => {
  const [a, b] = [readStats(firstPath), readStats(secondPath)]
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

const readStats = (path: string) => {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** The directory that denies this user access to `path`; undefined: none does. */
const findClosedDir = (path: string): ClosedPath | undefined => {
  try {
    statSync(path, { throwIfNoEntry: false })
    return undefined
  } catch (thrown) {
    return systemErrorCode(thrown) === 'EACCES' ? findClosedPath(path) : undefined
  }
}
