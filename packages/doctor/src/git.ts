import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { ignoreCommand, shownPath, untrackCommands } from '@claimlog/messages'
import { ignoringOf, trackingOf } from '@claimlog/discovery'
import { logFileName } from '@claimlog/event-log-file'
import { type Finding, findingOf } from './check.ts'

/** Whether git tracks the log, and so copies, rewinds and deletes it, or would with the next `git add -A` or `clean`. */
export const checkGit = (dir: string): Finding => {
  const found = trackingOf(dir)
  if (found === undefined) return findingOf('no git checkout holds the workspace', [])
  const { tracking, log } = found
  switch (tracking) {
    case 'untracked':
      return checkIgnoring(dir)
    case 'tracked':
      return findingOf('', [
        {
          state: 'warning',
          message: `git tracks ${logFileName}: a checkout, stash, reset or merge can take back what was answered, and a token is then given twice`,
          mend: `take it out of git: ${untrackCommands(log).join(' && ')}; commit that on every branch, as switching to one without it puts an old copy here`,
        },
      ])
    case 'unknown':
    case undefined:
      return findingOf('', [
        {
          state: 'warning',
          message: `whether git tracks ${logFileName} cannot be read from the index of ${shownPath(log.checkout)}`,
          mend: 'git ls-files says it from the directory of the log',
        },
      ])
  }
}

const checkIgnoring = (dir: string): Finding => {
  const ignoring = ignoringOf(dir)
  if (ignoring !== 'missing' && ignoring !== 'ineffective')
    return findingOf(`git neither tracks ${logFileName} nor sees it`, [])
  const path = shownPath(join(dir, '.gitignore'))
  const isLink = lstatSync(join(dir, '.gitignore'), { throwIfNoEntry: false })?.isSymbolicLink() === true
  const why =
    ignoring === 'missing'
      ? `there is no ${path}`
      : `${path} ${isLink ? 'is a symbolic link, which git does not follow' : 'does not ignore it'}`
  return {
    ...findingOf('', [
      {
        state: 'warning',
        message: `git does not ignore ${logFileName}, as ${why}: git add -A and stash -u take the queue with them, and clean -fd deletes it`,
        mend: `${isLink ? `remove the link, then ` : ''}${ignoreCommand(dir)}`,
      },
    ]),
    gitignore: ignoring,
  }
}
