import { findCopies, shellQuote } from '@claimlog/coordinator/workspace'
import type { State } from '@claimlog/domain'
import { shownPath } from '../output.ts'
import { type Finding, findingOf } from './check.ts'

/** Whether another copy of this workspace is near, which is taken for the same one and goes on apart. */
export const checkCopies = (dir: string, { workspace }: Pick<State, 'workspace'>): Finding => {
  const copies = workspace === undefined ? [] : findCopies(dir, workspace.id)
  const [first] = copies
  if (first === undefined) return findingOf('no other copy of this workspace is near', [])
  const shown = shellQuote(shownPath(first))
  return {
    ...findingOf('', [
      {
        state: 'warning',
        message: `${copies.map(shownPath).join(', ')} ${copies.length === 1 ? 'holds a copy' : 'hold copies'} of this workspace: a task that is claimed in one is free in the other, under the same token`,
        mend:
          `claimlog reconcile ${shown} shows what each has, and brings its work over; then delete that copy or, to have it ` +
          `go on as a workspace of its own, claimlog init ${shown} --from ${shown}`,
      },
    ]),
    copies,
  }
}
