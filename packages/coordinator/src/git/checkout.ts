import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** A working tree of git's: its top directory, and where git keeps its index. */
export type Checkout = { readonly root: string; readonly gitDir: string }

/** The checkout that holds the directory `dir`, by the path that links lead to; undefined: none does. */
export const checkoutOf = (dir: string): Checkout | undefined => {
  let root: string
  try {
    root = realpathSync.native(dir)
  } catch {
    return undefined
  }
  for (;;) {
    const gitDir = gitDirAt(join(root, '.git'))
    if (gitDir !== undefined) return { root, gitDir }
    const above = dirname(root)
    if (above === root) return undefined
    root = above
  }
}

const gitDirAt = (dotGit: string): string | undefined => {
  const stats = statSync(dotGit, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  if (stats.isDirectory()) return isGitDir(dotGit) ? dotGit : undefined
  // A named pipe would have its reader wait for a writer.
  if (!stats.isFile()) return undefined
  const named = /^gitdir: (.+?)\n*$/s.exec(textOf(dotGit) ?? '')?.[1]
  return named === undefined ? undefined : resolve(dirname(dotGit), named)
}

const isGitDir = (path: string): boolean => statSync(join(path, 'HEAD'), { throwIfNoEntry: false }) !== undefined

/** The text of a small file; undefined: it cannot be read. */
const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
