import { join } from 'node:path'
import { findCopies, findOtherQueues } from '@claimlog/discovery'
import { queueFileName } from '@claimlog/queue-file'
import { shellQuote, displayPath } from '@claimlog/messages'
import type { State } from '@claimlog/domain'
import { type Finding, combineIssues, type Issue } from './finding.ts'

/**
 * Checks for a copy of this workspace nearby, which has the same id but diverges, and for a separate queue in another
 * worktree of the repository.
 */
export const checkCopies = (dir: string, { workspace }: Pick<State, 'workspace'>): Finding => {
  const copies = workspace === undefined ? [] : findCopies(dir, workspace.id)
  const otherQueues = workspace === undefined ? [] : findOtherQueues(dir, workspace.id)
  return {
    ...combineIssues('there is no copy of this workspace nearby', [
      ...copyIssues(copies),
      ...otherQueueIssues(dir, otherQueues),
    ]),
    ...(copies.length === 0 ? {} : { copies }),
    ...(otherQueues.length === 0 ? {} : { other_queues: otherQueues }),
  }
}

const copyIssues = (copies: ReadonlyArray<string>): ReadonlyArray<Issue> => {
  const [first] = copies
  if (first === undefined) return []
  const copyPath = shellQuote(displayPath(first))
  return [
    {
      state: 'warning',
      message: `${copies.map(displayPath).join(', ')} ${copies.length === 1 ? 'is a copy' : 'are copies'} of this workspace: a task that is claimed in one can be claimed in the other, with the same token`,
      mend:
        `claimlog reconcile ${copyPath} shows the differences and brings over its work; then delete that copy or, to keep it ` +
        `as a separate workspace, run claimlog init ${copyPath} --from ${copyPath}`,
    },
  ]
}

const otherQueueIssues = (dir: string, otherQueues: ReadonlyArray<string>): ReadonlyArray<Issue> => {
  const [first] = otherQueues
  if (first === undefined) return []
  const [thisQueueFile, otherQueueDir] = [
    shellQuote(displayPath(join(dir, queueFileName))),
    shellQuote(displayPath(first)),
  ]
  return [
    {
      state: 'warning',
      message: `${otherQueues.map(displayPath).join(', ')} in another worktree of this repository ${otherQueues.length === 1 ? 'is a separate queue' : 'are separate queues'}: tasks that are added or claimed here are not visible there`,
      mend:
        `if they should be one queue, claimlog import ${thisQueueFile} --dir ${otherQueueDir} imports the open tasks of this one; then ` +
        `remove this one. If each worktree should have a separate queue, no action is needed`,
    },
  ]
}
