import type { TaskId } from '@claimlog/client/unstable-internals'

export const statusUri = 'claimlog://status'
export const taskUriTemplate = 'claimlog://task/{task_id}'

/** Where a task is read; an id may hold any visible character. */
export const taskUri = (taskId: TaskId): string => `claimlog://task/${encodeURIComponent(taskId)}`

/** The task that a variable of the template names. */
export const taskIdIn = (named: string | ReadonlyArray<string> | undefined): TaskId => {
  const text = typeof named === 'string' ? named : (named ?? []).join(',')
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone percent sign: the client wrote the id as it is.
    return text
  }
}
