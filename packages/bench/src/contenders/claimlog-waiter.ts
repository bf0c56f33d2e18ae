import { benchKind, openBenchQueue, unwrapRight } from '../workspaces/bench-queue.ts'
import { nowMs } from '../measure/measurement.ts'
import type { OpenWaitingContender, ClaimTiming } from './waiting-contender.ts'

/**
 * claimlog as a long-running worker waits for work, without polling. The calls are those of the library; the queue is
 * opened as our own tools open it, because only they are notified of wake-ups.
 */
export const openClaimlogWaiter: OpenWaitingContender = async (place, worker) => {
  let wokeMs: number | undefined
  const onWake = (): void => {
    wokeMs = nowMs()
  }
  const queue = await openBenchQueue(place, { durability: 'disk', onWake })
  let newTimings: Array<ClaimTiming> = []

  const claimOne = async (): Promise<void> => {
    wokeMs = undefined
    const { task, claim } = unwrapRight(await queue.claim({ worker, kinds: [benchKind], wait: true })())
    newTimings.push({ n: Number(task.id), wokeMs, claimedMs: nowMs() })
    unwrapRight(await queue.complete({ worker, taskId: task.id, token: claim.token })())
  }

  return {
    add: async n => {
      const fromMs = nowMs()
      unwrapRight(await queue.add({ taskId: String(n), kind: benchKind })())
      return { fromMs, returnedMs: nowMs() }
    },
    wait: () => {
      void (async () => {
        for (;;) await claimOne()
      })()
    },
    takeTimings: () => {
      const timings = newTimings
      newTimings = []
      return timings
    },
  }
}
