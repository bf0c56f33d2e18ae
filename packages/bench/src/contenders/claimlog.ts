import { ClaimlogError, open, type Queue } from '@claimlog/client'
import { benchKind } from '../workspaces/bench-queue.ts'
import { nowMs } from '../measure/measuring.ts'
import { bulkTasks, type Tally, tallyOf, type Way } from '../measure/shift.ts'
import type { OpenContender } from './contender.ts'

/** A claimed task. */
type Held = { readonly taskId: string; readonly token: number }

/** A task as a claim returns it. */
type Claimed = Pick<Awaited<ReturnType<Queue['claim']>>, 'task' | 'claim'>

/** The loop of one worker in one process, through the library. */
type Lane = (queue: Queue, worker: string, tally: Tally) => Promise<void>

const heldOf = ({ task, claim }: Claimed): Held => ({ taskId: task.id, token: claim.token })

/** undefined: no task is left. */
const claim = async (queue: Queue, worker: string): Promise<Held | undefined> => {
  try {
    return heldOf(await queue.claim({ worker, kinds: [benchKind] }))
  } catch (thrown) {
    if (ClaimlogError.is(thrown, 'no_ready_task')) return undefined
    throw thrown
  }
}

const halves: Lane = async (queue, worker, tally) => {
  for (let before = nowMs(); tally.goesOn(before);) {
    const held = await claim(queue, worker)
    const claimedAt = nowMs()
    if (held === undefined) return tally.ranOut(before)
    await queue.complete({ worker, ...held })
    const after = nowMs()
    tally.claimed(before, claimedAt)
    tally.finished(before, after)
    before = after
  }
}

const settle: Lane = async (queue, worker, tally) => {
  let held = await claim(queue, worker)
  for (let before = nowMs(); tally.goesOn(before);) {
    if (held === undefined) return tally.ranOut(before)
    const { next } = await queue.complete({ worker, ...held, claimNext: { kinds: [benchKind] } })
    const after = nowMs()
    tally.claimed(before, after)
    tally.finished(before, after)
    held = next === undefined ? undefined : heldOf(next)
    before = after
  }
}

const hold: Lane = async (queue, worker, tally) => {
  for (let before = nowMs(); tally.goesOn(before); before = nowMs()) {
    const held = await claim(queue, worker)
    const claimedAt = nowMs()
    if (held === undefined) return tally.ranOut(before)
    tally.claimed(before, claimedAt)
    tally.finished(before, claimedAt)
    await queue.release({ worker, ...held })
  }
}

const adding =
  (tasksAtOnce: number): Lane =>
  async (queue, worker, tally) => {
    let added = 0
    for (let before = nowMs(); tally.goesOn(before);) {
      const tasks = Array.from({ length: tasksAtOnce }, () => ({
        taskId: `${worker}-${(added += 1)}`,
        kind: benchKind,
      }))
      await queue.addMany(tasks)
      const after = nowMs()
      tally.finished(before, after, tasksAtOnce)
      before = after
    }
  }

const lanes: Readonly<Record<Way, Lane>> = { halves, settle, hold, add: adding(1), bulk: adding(bulkTasks) }

/** claimlog through its library, in the workspace at `dir`, as a long-running program opens it. */
export const openClaimlog: OpenContender = async (dir, syncing, name) => {
  const queue = await open({ dir, durability: syncing === 'synced' ? 'disk' : 'os' })
  await queue.status()
  let shifts = 0
  return {
    work: async shift => {
      const tally = tallyOf(shift)
      // It is part of the ids of added tasks, and the ids of an earlier phase exist already.
      shifts += 1
      await Promise.all(
        Array.from({ length: shift.lanes }, (_, i) => lanes[shift.way](queue, `${name}-${shifts}-${i + 1}`, tally)),
      )
      return tally.work()
    },
    close: queue.close,
  }
}
