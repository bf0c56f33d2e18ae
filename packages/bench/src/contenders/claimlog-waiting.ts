import { benchKind, openBenchQueue, rightOf } from '../workspaces/bench-queue.ts'
import { nowMs } from '../measure/measuring.ts'
import type { OpenWaitingContender, Taken } from './waiting-contender.ts'

/**
 * claimlog as a long-running worker waits for work, without polling. The calls are those of the library; the queue is
 * opened as our own tools open it, because only they are notified of wake-ups.
 */
export const openClaimlogWaiting: OpenWaitingContender = async (dir, worker) => {
  let wokeMs: number | undefined
  const onWake = (): void => {
    wokeMs = nowMs()
  }
  const queue = await openBenchQueue(dir, { durability: 'disk', onWake })
  let taken: Array<Taken> = []

  const takeOne = async (): Promise<void> => {
    wokeMs = undefined
    const { task, claim } = rightOf(await queue.claim({ worker, kinds: [benchKind], wait: true })())
    taken.push({ n: Number(task.id), wokeMs, heldMs: nowMs() })
    rightOf(await queue.complete({ worker, taskId: task.id, token: claim.token })())
  }

  return {
    add: async n => {
      const fromMs = nowMs()
      rightOf(await queue.add({ taskId: String(n), kind: benchKind })())
      return { fromMs, answeredMs: nowMs() }
    },
    wait: () => {
      void (async () => {
        for (;;) await takeOne()
      })()
    },
    taken: () => {
      const sofar = taken
      taken = []
      return sofar
    },
  }
}
