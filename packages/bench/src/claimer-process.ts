/**
 * One of several processes that claim and complete as fast as they can: `node claimer-process.js DIR DURABILITY WORKER`.
 * It says `ready` to its parent once it knows the log, is told when to start, when to count and when to stop (on the
 * clock that all processes share), and reports how many cycles it finished in that time.
 */
import type { Durability } from '@claimlog/event-log-file'
import { cycle, openBenchWorkspace, rightOf } from './bench-workspace.ts'
import { nowMs } from './measuring.ts'

/** Moments in milliseconds of `nowMs`: cycles finished in `[countFromMs, untilMs)` count. */
export type Shift = { readonly countFromMs: number; readonly untilMs: number }

/** What a process did in its shift, in `countedMs`: less than it was told where the tasks ran out. */
export type Work = { readonly cycles: number; readonly countedMs: number; readonly slowestMs: number }

const [, , dir = '', durability = '', worker = ''] = process.argv

const { workspace } = await openBenchWorkspace(dir, durability as Durability)
rightOf(await workspace.read(state => state.seq)())

const work = async ({ countFromMs, untilMs }: Shift): Promise<Work> => {
  let cycles = 0
  let slowestMs = 0
  for (let before = nowMs(); before < untilMs;) {
    if (!(await cycle(workspace, worker))) return { cycles, countedMs: before - countFromMs, slowestMs }
    const after = nowMs()
    if (before >= countFromMs && after < untilMs) {
      cycles += 1
      slowestMs = Math.max(slowestMs, after - before)
    }
    before = after
  }
  return { cycles, countedMs: untilMs - countFromMs, slowestMs }
}

process.once('message', (shift: Shift) => {
  void work(shift).then(done => process.send?.(done, () => process.exit()))
})
process.send?.('ready')
