import type { Order, Workspace } from '@claimlog/workspace'
import { benchKind, openBenchWorkspace, rightOf } from '../workspaces/bench-workspace.ts'
import { nowMs } from '../measure/measuring.ts'
import { bulkTasks, type Tally, tallyOf, type Way } from '../measure/shift.ts'
import type { OpenContender } from './contender.ts'

/** A task in hand. */
type Held = { readonly taskId: string; readonly token: number | undefined }

/** What one worker in one process does with the library. */
type Lane = (workspace: Workspace, worker: string, tally: Tally) => Promise<void>

const run = async (workspace: Workspace, order: Order) => rightOf(await workspace.run(order)())

/** undefined: there is no task left. */
const claim = async (workspace: Workspace, worker: string): Promise<Held | undefined> => {
  const claimed = await workspace.run({ command: 'claim', worker, kinds: [benchKind] })()
  if (claimed._tag === 'Left' && 'error' in claimed.left && claimed.left.error === 'no_ready_task') return undefined
  const [first] = rightOf(claimed).tasks
  return first === undefined ? undefined : { taskId: first.task.id, token: first.claim?.token }
}

const halves: Lane = async (workspace, worker, tally) => {
  for (let before = nowMs(); tally.goesOn(before);) {
    const held = await claim(workspace, worker)
    const claimedAt = nowMs()
    if (held === undefined) return tally.ranOut(before)
    await run(workspace, { command: 'complete', worker, ...held })
    const after = nowMs()
    tally.claimed(before, claimedAt)
    tally.finished(before, after)
    before = after
  }
}

const settle: Lane = async (workspace, worker, tally) => {
  let held = await claim(workspace, worker)
  for (let before = nowMs(); tally.goesOn(before);) {
    if (held === undefined) return tally.ranOut(before)
    const { next } = await run(workspace, { command: 'complete', worker, ...held, claimNext: { kinds: [benchKind] } })
    const after = nowMs()
    tally.claimed(before, after)
    tally.finished(before, after)
    held = next === undefined ? undefined : { taskId: next.task.id, token: next.claim?.token }
    before = after
  }
}

const hold: Lane = async (workspace, worker, tally) => {
  for (let before = nowMs(); tally.goesOn(before); before = nowMs()) {
    const held = await claim(workspace, worker)
    const claimedAt = nowMs()
    if (held === undefined) return tally.ranOut(before)
    tally.claimed(before, claimedAt)
    tally.finished(before, claimedAt)
    await run(workspace, { command: 'release', worker, ...held })
  }
}

const adding =
  (tasksAtOnce: number): Lane =>
  async (workspace, worker, tally) => {
    let added = 0
    for (let before = nowMs(); tally.goesOn(before);) {
      const tasks = Array.from({ length: tasksAtOnce }, () => ({
        taskId: `${worker}-${(added += 1)}`,
        kind: benchKind,
      }))
      await run(workspace, { command: 'add', tasks })
      const after = nowMs()
      tally.finished(before, after, tasksAtOnce)
      before = after
    }
  }

const lanes: Readonly<Record<Way, Lane>> = { halves, settle, hold, add: adding(1), bulk: adding(bulkTasks) }

/** claimlog through its library, in the workspace at `dir`, as a worker that runs for long opens it. */
export const openClaimlog: OpenContender = async (dir, syncing, name) => {
  const { workspace } = await openBenchWorkspace(dir, syncing === 'synced' ? 'disk' : 'os')
  rightOf(await workspace.read(state => state.seq)())
  let shifts = 0
  return {
    work: async shift => {
      const tally = tallyOf(shift)
      // Names of tasks that are added start with it, and an earlier shift's are taken.
      shifts += 1
      await Promise.all(
        Array.from({ length: shift.lanes }, (_, i) => lanes[shift.way](workspace, `${name}-${shifts}-${i + 1}`, tally)),
      )
      return tally.work()
    },
    close: () => workspace.close(),
  }
}
