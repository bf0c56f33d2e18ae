import type { TaskId } from '@claimlog/client/unstable-internals'

export const statusUri = 'claimlog://status'
export const taskUriTemplate = 'claimlog://task/{task_id}'

/** The URI of a task; an id may contain any visible character. */
export const taskUri = (taskId: TaskId): string => `claimlog://task/${encodeURIComponent(taskId)}`

/** Decodes the template variable `task_id`. */
export const decodeTaskId = (variable: string | ReadonlyArray<string> | undefined): TaskId => {
  const text = typeof variable === 'string' ? variable : (variable ?? []).join(',')
  try {
    return decodeURIComponent(text)
  } catch {
    // A single percent sign: the client did not encode the id.
    return text
  }
}
