import { realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
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
