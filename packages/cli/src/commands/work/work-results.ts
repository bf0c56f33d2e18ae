import * as E from 'fp-ts/lib/Either.js'
import { findTask, type LocalQueue, type TaskId, type WorkerEvent } from '@claimlog/client/unstable-internals'

/** The results of the tasks that a worker ran, for its exit code. */
export type WorkResults = {
  readonly event: (event: WorkerEvent) => void
  /** The worst result: a task has failed for good, or was cancelled while it ran; undefined if neither. */
  readonly findWorst: () => Promise<'failed' | 'cancelled' | undefined>
}

export const createWorkResults = (queue: LocalQueue): WorkResults => {
  let hasFailed = false
  const lost = new Set<TaskId>()
  return {
    event: event => {
      if (event.event === 'failed' && event.task.status === 'failed') hasFailed = true
      if (event.event === 'lost') lost.add(event.taskId)
    },
    findWorst: async () => {
      if (hasFailed || lost.size === 0) return hasFailed ? 'failed' : undefined
      const result = await queue.query(state => [...lost].map(id => findTask(state, id)?.status))()
      const statuses = E.isRight(result) ? result.right : []
      return (['failed', 'cancelled'] as const).find(status => statuses.includes(status))
    },
  }
}
