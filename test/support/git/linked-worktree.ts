import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../claimlog-process.ts'
import { git } from './git-repository.ts'

/** A repository with one commit in `main`, and its parent directory, which is deleted after the test. */
export const newMainCheckout = (): { readonly parentDir: string; readonly main: string } => {
  const parentDir = realpathSync(temporaryDirectory())
  const main = join(parentDir, 'main')
  mkdirSync(main)
  git(main, 'init', '-q', '-b', 'main')
  git(main, 'commit', '-q', '--allow-empty', '-m', 'first')
  return { parentDir, main }
}

/** Adds a linked worktree with a new branch, named after its directory; returns its path. */
export const addWorktree = (main: string, dir: string): string => {
  git(main, 'worktree', 'add', '-q', dir)
  return dir
}
