import { join } from 'node:path'
import { findCopies, findOtherQueues } from '@claimlog/discovery'
import { queueFileName } from '@claimlog/queue-file'
import { shellQuote, shownPath } from '@claimlog/messages'
import type { State } from '@claimlog/domain'
import { type Finding, findingOf, type Flaw } from './check.ts'

/**
 * Checks for a copy of this workspace nearby, which has the same id but diverges, and for a separate queue in another
 * worktree of the repository.
 */
export const checkCopies = (dir: string, { workspace }: Pick<State, 'workspace'>): Finding => {
  const copies = workspace === undefined ? [] : findCopies(dir, workspace.id)
  const others = workspace === undefined ? [] : findOtherQueues(dir, workspace.id)
  return {
    ...findingOf('there is no copy of this workspace nearby', [...copied(copies), ...beside(dir, others)]),
    ...(copies.length === 0 ? {} : { copies }),
    ...(others.length === 0 ? {} : { other_queues: others }),
  }
}

const copied = (copies: ReadonlyArray<string>): ReadonlyArray<Flaw> => {
  const [first] = copies
  if (first === undefined) return []
  const shown = shellQuote(shownPath(first))
  return [
    {
      state: 'warning',
      message: `${copies.map(shownPath).join(', ')} ${copies.length === 1 ? 'is a copy' : 'are copies'} of this workspace: a task that is claimed in one can be claimed in the other, with the same token`,
      mend:
        `claimlog reconcile ${shown} shows the differences and brings over its work; then delete that copy or, to keep it ` +
        `as a separate workspace, run claimlog init ${shown} --from ${shown}`,
    },
  ]
}

const beside = (dir: string, others: ReadonlyArray<string>): ReadonlyArray<Flaw> => {
  const [first] = others
  if (first === undefined) return []
  const [here, there] = [shellQuote(shownPath(join(dir, queueFileName))), shellQuote(shownPath(first))]
  return [
    {
      state: 'warning',
      message: `${others.map(shownPath).join(', ')} in another worktree of this repository ${others.length === 1 ? 'is a separate queue' : 'are separate queues'}: tasks that are added or claimed here are not visible there`,
      mend:
        `if they should be one queue, claimlog import ${here} --dir ${there} imports the open tasks of this one; then ` +
        `remove this one. If each worktree should have a separate queue, no action is needed`,
    },
  ]
}
