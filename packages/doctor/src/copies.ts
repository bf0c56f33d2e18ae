import { join } from 'node:path'
import { findCopies, findOtherQueues } from '@claimlog/discovery'
import { queueFileName } from '@claimlog/queue-file'
import { shellQuote, shownPath } from '@claimlog/messages'
import type { State } from '@claimlog/domain'
import { type Finding, findingOf, type Flaw } from './check.ts'

/**
 * Whether another copy of this workspace is near, which is taken for the same one and goes on apart, or another worktree of
 * the repository has a queue of its own.
 */
export const checkCopies = (dir: string, { workspace }: Pick<State, 'workspace'>): Finding => {
  const copies = workspace === undefined ? [] : findCopies(dir, workspace.id)
  const others = workspace === undefined ? [] : findOtherQueues(dir, workspace.id)
  return {
    ...findingOf('no other copy of this workspace is near', [...copied(copies), ...beside(dir, others)]),
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
      message: `${copies.map(shownPath).join(', ')} ${copies.length === 1 ? 'holds a copy' : 'hold copies'} of this workspace: a task that is claimed in one is free in the other, under the same token`,
      mend:
        `claimlog reconcile ${shown} shows what each has, and brings its work over; then delete that copy or, to have it ` +
        `go on as a workspace of its own, claimlog init ${shown} --from ${shown}`,
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
      message: `${others.map(shownPath).join(', ')} in another worktree of this repository ${others.length === 1 ? 'is another queue' : 'are other queues'}: what is added or claimed here is not seen there`,
      mend:
        `if they are meant to be one, claimlog import ${here} --dir ${there} takes the open tasks of this one over; then ` +
        `remove one of them. If each is meant to be its worktree's own, nothing need be done`,
    },
  ]
}
