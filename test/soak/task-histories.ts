import type { SoakLogLine } from './log-reader.ts'

/** A claim of a task and how it ended; `expired`: its lease did. */
export type ClaimHistory = {
  readonly token: number
  readonly attempt: number
  readonly worker: string
  ended: 'completed' | 'failed' | 'released' | 'expired' | undefined
  /** The line that ended it. */
  endLine: SoakLogLine | undefined
  /** The last reported progress. */
  progress: unknown
}

/** A task as the log shows it. */
export type TaskHistory = {
  readonly id: string
  readonly does: string
  readonly maxAttempts: number
  readonly key: string | undefined
  readonly claims: Array<ClaimHistory>
  status: 'open' | 'done' | 'failed'
}

/** All tasks as the log shows them. */
export type TaskHistories = {
  readonly tasks: ReadonlyMap<string, TaskHistory>
  /** The number of tasks that are not finished. */
  readonly countOpen: () => number
  /** True if the claim with this token has ended. */
  readonly hasEnded: (token: number) => boolean
  readonly addLines: (lines: ReadonlyArray<SoakLogLine>) => void
  /** Lines that contradict those before them, in words. */
  readonly contradictions: ReadonlyArray<string>
}

const expiryError = /^the lease expired at \S+ and no attempts are left$/

/** An independent reconstruction: it shares no code with the program that wrote the log. */
export const createTaskHistories = (): TaskHistories => {
  const tasks = new Map<string, TaskHistory>()
  const claims = new Map<number, ClaimHistory>()
  const contradictions: Array<string> = []
  let maxAttempts = 0
  let openCount = 0

  const addTask = ({ task_id: id = '', payload, key, ...line }: SoakLogLine): void => {
    const does = payload?.does ?? ''
    const attemptsMax = line.max_attempts ?? maxAttempts
    tasks.set(id, { id, does, maxAttempts: attemptsMax, key, claims: [], status: 'open' })
    openCount += 1
  }
  const addClaim = (task: TaskHistory, line: SoakLogLine): void => {
    const { seq: token, attempt = 0, worker = '' } = line
    const lastClaim = task.claims.at(-1)
    if (lastClaim !== undefined && lastClaim.ended === undefined)
      Object.assign(lastClaim, { ended: 'expired', endLine: line })
    if (task.status !== 'open') contradictions.push(`line ${token}: ${task.id} is claimed, but was ${task.status}`)
    const newClaim = { token, attempt, worker, ended: undefined, endLine: undefined, progress: undefined }
    task.claims.push(newClaim)
    claims.set(token, newClaim)
  }
  const endClaim = (task: TaskHistory, line: SoakLogLine): void => {
    const { seq, event, token, error = '', retry_at: retryAt } = line
    const lastClaim = task.claims.at(-1)
    if (lastClaim?.token !== token || lastClaim?.ended !== undefined || task.status !== 'open')
      contradictions.push(`line ${seq}: ${task.id} is ${event} under token ${token}, which was no live claim`)
    const ended = event === 'failed' && expiryError.test(error) ? 'expired' : event
    Object.assign(lastClaim ?? {}, { ended, endLine: line })
    if (event === 'released' || (event === 'failed' && retryAt !== null)) return
    task.status = event === 'completed' ? 'done' : 'failed'
    openCount -= 1
  }
  const addLine = (line: SoakLogLine): void => {
    if (line.event === 'opened') maxAttempts = line.max_attempts ?? 0
    if (line.event === 'added') addTask(line)
    const task = tasks.get(line.task_id ?? '')
    if (task === undefined) return
    if (line.event === 'claimed') addClaim(task, line)
    if (line.event === 'renewed' && line.progress !== undefined)
      Object.assign(claims.get(line.token ?? 0) ?? {}, { progress: line.progress })
    if (['completed', 'failed', 'released'].includes(line.event)) endClaim(task, line)
  }
  return {
    tasks,
    contradictions,
    countOpen: () => openCount,
    hasEnded: token => claims.get(token)?.ended !== undefined,
    addLines: lines => {
      for (const line of lines) addLine(line)
    },
  }
}
