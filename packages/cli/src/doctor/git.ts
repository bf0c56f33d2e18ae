import { trackingOf, untrackCommands } from '@claimlog/coordinator/workspace'
import { logFileName } from '@claimlog/event-log-file'
import { shownPath } from '../output.ts'
import { type Finding, findingOf } from './check.ts'

/** Whether git tracks the log, and so copies, rewinds and deletes it. */
export const checkGit = (dir: string): Finding => {
  const found = trackingOf(dir)
  if (found === undefined) return findingOf('no git checkout holds the workspace', [])
  const { tracking, log } = found
  switch (tracking) {
    case 'untracked':
      return findingOf(`git does not track ${logFileName}`, [])
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
