import type { State } from '../state/state.ts'
import type { WorkerName } from '../values/scalars.ts'

/** The workers that have claimed a task, from the first `readsMax` claims of each kind by the end of their leases. */
export const claimHolders = ({ table }: State, readsMax: number): ReadonlySet<WorkerName> => {
  const holders = new Set<WorkerName>()
  for (const index of ['leased', 'exhausted'] as const)
    for (const kind of table.partitions(index)) {
      let remaining = readsMax
      for (const id of table.range(index, kind)) {
        if (remaining === 0) break
        remaining -= 1
        const claim = table.get(id)?.claim
        if (claim !== undefined) holders.add(claim.worker)
      }
    }
  return holders
}
