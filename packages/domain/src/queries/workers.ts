import type { State } from '../state/state.ts'
import type { WorkerName } from '../values/scalars.ts'

/** The workers that have claimed a task, from the first `looksMax` claims of each kind by the end of their leases. */
export const claimHolders = ({ table }: State, looksMax: number): ReadonlySet<WorkerName> => {
  const holders = new Set<WorkerName>()
  for (const index of ['leased', 'usedUp'] as const)
    for (const kind of table.partitions(index)) {
      let left = looksMax
      for (const id of table.range(index, kind)) {
        if (left === 0) break
        left -= 1
        const claim = table.get(id)?.claim
        if (claim !== undefined) holders.add(claim.worker)
      }
    }
  return holders
}
