import { dirname } from 'node:path'
import { readCheckout } from './checkout.ts'
import { type MainCheckout, findMainCheckout } from './main-checkout.ts'

/** A worktree made by `git worktree add`: its top directory, and the checkout that it belongs to. */
export type LinkedWorktree = { readonly root: string; readonly main: MainCheckout }

/** The linked worktree whose top directory is `root`; undefined: there is none. */
export const readLinkedWorktree = (root: string): LinkedWorktree | undefined => {
  const checkout = readCheckout(root)
  const main = checkout && findMainCheckout(checkout)
  return main && { root, main }
}

/**
 * The linked worktree that contains `dir`, even in a submodule of it; undefined: none does, or another repository in it
 * does.
 */
export const findLinkedWorktree = (dir: string): LinkedWorktree | undefined => {
  for (let root = dir; ; root = dirname(root)) {
    const worktree = readLinkedWorktree(root)
    if (worktree !== undefined || root === dirname(root)) return worktree
    if (isRepository(root)) return undefined
  }
}

const isRepository = (root: string): boolean => {
  const gitDir = readCheckout(root)?.gitDir
  return gitDir !== undefined && dirname(gitDir) === root
}
