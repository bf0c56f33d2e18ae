import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { gitIgnoreCommand, displayPath, untrackCommands } from '@claimlog/messages'
import { checkIgnored, checkTracking } from '@claimlog/discovery'
import { logFileName } from '@claimlog/event-log-file'
import { type Finding, combineIssues } from './finding.ts'

/**
 * Checks if git tracks the log, and so copies, rewinds or deletes it, or would with the next `git add -A` or `clean`.
 */
export const checkGit = (dir: string): Finding => {
  const tracked = checkTracking(dir)
  if (tracked === undefined) return combineIssues('the workspace is not in a git checkout', [])
  const { tracking, log } = tracked
  switch (tracking) {
    case 'untracked':
      return checkGitignore(dir)
    case 'tracked':
      return combineIssues('', [
        {
          state: 'warning',
          message: `git tracks ${logFileName}: a checkout, stash, reset or merge can undo acknowledged changes, and the same token is then granted twice`,
          mend: `remove it from git: ${untrackCommands(log).join(' && ')}; commit that on every branch, as switching to a branch that still tracks it restores an old copy`,
        },
      ])
    case 'unknown':
    case undefined:
      return combineIssues('', [
        {
          state: 'warning',
          message: `the index of ${displayPath(log.checkout)} does not show if git tracks ${logFileName}`,
          mend: 'run git ls-files in the directory of the log',
        },
      ])
  }
}

const checkGitignore = (dir: string): Finding => {
  const ignoring = checkIgnored(dir)
  if (ignoring !== 'missing' && ignoring !== 'ineffective')
    return combineIssues(`git neither tracks nor sees ${logFileName}`, [])
  const path = displayPath(join(dir, '.gitignore'))
  const isLink = lstatSync(join(dir, '.gitignore'), { throwIfNoEntry: false })?.isSymbolicLink() === true
  const reason =
    ignoring === 'missing'
      ? `${path} does not exist`
      : `${path} ${isLink ? 'is a symbolic link, which git does not follow' : 'does not ignore it'}`
  return {
    ...combineIssues('', [
      {
        state: 'warning',
        message: `git does not ignore ${logFileName}, as ${reason}: git add -A and stash -u would include the queue, and clean -fd would delete it`,
        mend: `${isLink ? `remove the link, then ` : ''}${gitIgnoreCommand(dir)}`,
      },
    ]),
    gitignore: ignoring,
  }
}
