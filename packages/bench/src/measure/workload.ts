/**
 * The operation that a process repeats:
 * `halves`: claim, then complete, as two calls · `settle`: complete and claim the next in one call ·
 * `hold`: claim, then release, so that the tasks never run out · `add`: one task at a time · `bulk`: a thousand ·
 * `worker`: the worker loop of the contender itself, with a handler that does nothing.
 */
export type Workload = 'halves' | 'settle' | 'hold' | 'add' | 'bulk' | 'worker'

/** Tasks per step of `bulk`. */
export const tasksPerBulkAdd = 1000

/** Times in milliseconds of `nowMs`: work done in `[countFromMs, untilMs)` counts. */
export type ScheduledPhase = {
  readonly workload: Workload
  readonly concurrency: number
  readonly countFromMs: number
  readonly untilMs: number
  /** True if the result has the ids of completed tasks, to check them. */
  readonly keepsTaskIds?: boolean
}

/** The work of a process in one phase. `countedMs` is shorter than the phase if the tasks ran out. */
export type WorkResult = {
  readonly done: number
  readonly countedMs: number
  readonly claimMs: Float64Array
  /** All completed tasks, also those of the warm-up; empty unless the phase keeps them. */
  readonly taskIds: ReadonlyArray<string>
}

/** Counts the work of one phase. */
export type WorkCounter = {
  /** True if the phase has not ended at that time. */
  readonly isRunning: (nowMs: number) => boolean
  /** Counts a claim if it ran at any time of the measurement, so that one that waited all the time is not lost. */
  readonly recordClaim: (startMs: number, endMs: number) => void
  /** Counts an amount of work if all of it was done during the measurement. */
  readonly recordWork: (startMs: number, endMs: number, amount?: number) => void
  /** Notes a completed task, whenever that was. */
  readonly recordTask: (taskId: string) => void
  /** Ends the phase: no task is left. */
  readonly endPhase: (nowMs: number) => void
  readonly result: () => WorkResult
}

export const createWorkCounter = ({ countFromMs, untilMs, keepsTaskIds = false }: ScheduledPhase): WorkCounter => {
  const taskIds: Array<string> = []
  const claimMs: Array<number> = []
  let done = 0
  let endMs = untilMs
  return {
    isRunning: nowMs => nowMs < endMs,
    recordClaim: (startMs, claimedMs) => {
      if (claimedMs >= countFromMs && startMs < endMs) claimMs.push(claimedMs - startMs)
    },
    recordWork: (startMs, finishedMs, amount = 1) => {
      if (startMs >= countFromMs && finishedMs < endMs) done += amount
    },
    recordTask: taskId => {
      if (keepsTaskIds) taskIds.push(taskId)
    },
    endPhase: nowMs => {
      endMs = Math.min(endMs, nowMs)
    },
    result: () => ({
      done,
      countedMs: Math.max(0, endMs - countFromMs),
      claimMs: Float64Array.from(claimMs),
      taskIds,
    }),
  }
}
