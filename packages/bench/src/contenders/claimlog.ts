import { ClaimlogError, open, type Queue } from 'claimlog'
import { benchKind } from '../workspaces/bench-queue.ts'
import { isServerPlace } from '../workspaces/server-place.ts'
import { nowMs } from '../measure/measurement.ts'
import { tasksPerBulkAdd, type WorkCounter, createWorkCounter, type Workload } from '../measure/workload.ts'
import type { OpenContender } from './contender.ts'

/** A claimed task. */
type BenchClaim = { readonly taskId: string; readonly token: number }

/** A task as a claim returns it. */
type LibraryClaim = Pick<Awaited<ReturnType<Queue['claim']>>, 'task' | 'claim'>

/** The loop of one worker in one process, through the library. */
type ClaimlogLoop = (queue: Queue, worker: string, counter: WorkCounter) => Promise<void>

const toBenchClaim = ({ task, claim }: LibraryClaim): BenchClaim => ({ taskId: task.id, token: claim.token })

/** undefined: no task is left. */
const claim = async (queue: Queue, worker: string): Promise<BenchClaim | undefined> => {
  try {
    return toBenchClaim(await queue.claim({ worker, kinds: [benchKind] }))
  } catch (thrown) {
    if (ClaimlogError.is(thrown, 'no_ready_task')) return undefined
    throw thrown
  }
}

const halves: ClaimlogLoop = async (queue, worker, counter) => {
  for (let before = nowMs(); counter.isRunning(before);) {
    const claimedTask = await claim(queue, worker)
    const claimedAt = nowMs()
    if (claimedTask === undefined) return counter.endPhase(before)
    await queue.complete({ worker, ...claimedTask })
    const after = nowMs()
    counter.recordTask(claimedTask.taskId)
    counter.recordClaim(before, claimedAt)
    counter.recordWork(before, after)
    before = after
  }
}

const settle: ClaimlogLoop = async (queue, worker, counter) => {
  let claimedTask = await claim(queue, worker)
  for (let before = nowMs(); counter.isRunning(before);) {
    if (claimedTask === undefined) return counter.endPhase(before)
    const { next } = await queue.complete({ worker, ...claimedTask, claimNext: { kinds: [benchKind] } })
    const after = nowMs()
    counter.recordTask(claimedTask.taskId)
    counter.recordClaim(before, after)
    counter.recordWork(before, after)
    claimedTask = next === undefined ? undefined : toBenchClaim(next)
    before = after
  }
}

const hold: ClaimlogLoop = async (queue, worker, counter) => {
  for (let before = nowMs(); counter.isRunning(before); before = nowMs()) {
    const claimedTask = await claim(queue, worker)
    const claimedAt = nowMs()
    if (claimedTask === undefined) return counter.endPhase(before)
    counter.recordClaim(before, claimedAt)
    counter.recordWork(before, claimedAt)
    await queue.release({ worker, ...claimedTask })
  }
}

const createAddLoop =
  (tasksPerCall: number): ClaimlogLoop =>
  async (queue, worker, counter) => {
    let added = 0
    for (let before = nowMs(); counter.isRunning(before);) {
      const tasks = Array.from({ length: tasksPerCall }, () => ({
        taskId: `${worker}-${(added += 1)}`,
        kind: benchKind,
      }))
      await queue.addMany(tasks)
      const after = nowMs()
      counter.recordWork(before, after, tasksPerCall)
      before = after
    }
  }

const ownWorker: ClaimlogLoop = async (queue, worker, counter) => {
  const stop = new AbortController()
  let previousMs: number | undefined
  const handler = ({ task }: { readonly task: { readonly id: string } }): void => {
    const startMs = nowMs()
    counter.recordTask(task.id)
    if (previousMs !== undefined) {
      counter.recordClaim(previousMs, startMs)
      counter.recordWork(previousMs, startMs)
    }
    previousMs = startMs
    if (!counter.isRunning(startMs)) stop.abort()
  }
  await queue.worker(benchKind, handler, { worker, until: 'drained', stop: stop.signal })
  counter.endPhase(nowMs())
}

const loops: Readonly<Record<Workload, ClaimlogLoop>> = {
  halves,
  settle,
  hold,
  add: createAddLoop(1),
  bulk: createAddLoop(tasksPerBulkAdd),
  worker: ownWorker,
}

/** claimlog through its library, as a long-running program opens it. */
export const openClaimlog: OpenContender = async (place, syncing, name) => {
  const where = isServerPlace(place) ? { log: place } : { dir: place }
  const queue = await open({ ...where, durability: syncing === 'synced' ? 'disk' : 'os' })
  await queue.status()
  let phases = 0
  return {
    work: async phase => {
      const counter = createWorkCounter(phase)
      // It is part of the ids of added tasks, and the ids of an earlier phase exist already.
      phases += 1
      await Promise.all(
        Array.from({ length: phase.concurrency }, (_, i) =>
          loops[phase.workload](queue, `${name}-${phases}-${i + 1}`, counter),
        ),
      )
      return counter.result()
    },
    close: queue.close,
  }
}
