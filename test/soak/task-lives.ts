import type { LogLine } from './log-reader.ts'

/** A claim of a task and how it ended; `lapsed`: its lease expired. */
export type ClaimLife = {
  readonly token: number
  readonly attempt: number
  readonly worker: string
  ended: 'completed' | 'failed' | 'released' | 'lapsed' | undefined
  /** The line that ended it. */
  by: LogLine | undefined
  /** The last reported progress. */
  progress: unknown
}

/** A task as the log shows it. */
export type TaskLife = {
  readonly id: string
  readonly does: string
  readonly maxAttempts: number
  readonly key: string | undefined
  readonly claims: Array<ClaimLife>
  standing: 'open' | 'done' | 'failed'
}

/** All tasks as the log shows them. */
export type TaskLives = {
  readonly tasks: ReadonlyMap<string, TaskLife>
  /** The number of tasks that are not finished. */
  readonly open: () => number
  /** True if the claim with this token has ended. */
  readonly isOver: (token: number) => boolean
  readonly enter: (lines: ReadonlyArray<LogLine>) => void
  /** Lines that contradict those before them, in words. */
  readonly contradictions: ReadonlyArray<string>
}

const lapse = /^the lease ended at \S+ and no attempts are left$/

/** An independent reconstruction: it shares no code with the program that wrote the log. */
export const taskLives = (): TaskLives => {
  const tasks = new Map<string, TaskLife>()
  const claims = new Map<number, ClaimLife>()
  const contradictions: Array<string> = []
  let maxAttempts = 0
  let open = 0

  const add = ({ task_id: id = '', payload, key, ...line }: LogLine): void => {
    const does = payload?.does ?? ''
    const most = line.max_attempts ?? maxAttempts
    tasks.set(id, { id, does, maxAttempts: most, key, claims: [], standing: 'open' })
    open += 1
  }
  const claim = (task: TaskLife, line: LogLine): void => {
    const { seq: token, attempt = 0, worker = '' } = line
    const last = task.claims.at(-1)
    if (last !== undefined && last.ended === undefined) Object.assign(last, { ended: 'lapsed', by: line })
    if (task.standing !== 'open') contradictions.push(`line ${token}: ${task.id} is claimed, but was ${task.standing}`)
    const claimed = { token, attempt, worker, ended: undefined, by: undefined, progress: undefined }
    task.claims.push(claimed)
    claims.set(token, claimed)
  }
  const settle = (task: TaskLife, line: LogLine): void => {
    const { seq, event, token, error = '', retry_at: retryAt } = line
    const last = task.claims.at(-1)
    if (last?.token !== token || last?.ended !== undefined || task.standing !== 'open')
      contradictions.push(`line ${seq}: ${task.id} is ${event} under token ${token}, which was no live claim`)
    const ended = event === 'failed' && lapse.test(error) ? 'lapsed' : event
    Object.assign(last ?? {}, { ended, by: line })
    if (event === 'released' || (event === 'failed' && retryAt !== null)) return
    task.standing = event === 'completed' ? 'done' : 'failed'
    open -= 1
  }
  const enterOne = (line: LogLine): void => {
    if (line.event === 'opened') maxAttempts = line.max_attempts ?? 0
    if (line.event === 'added') add(line)
    const task = tasks.get(line.task_id ?? '')
    if (task === undefined) return
    if (line.event === 'claimed') claim(task, line)
    if (line.event === 'renewed' && line.progress !== undefined)
      Object.assign(claims.get(line.token ?? 0) ?? {}, { progress: line.progress })
    if (['completed', 'failed', 'released'].includes(line.event)) settle(task, line)
  }
  return {
    tasks,
    contradictions,
    open: () => open,
    isOver: token => claims.get(token)?.ended !== undefined,
    enter: lines => {
      for (const line of lines) enterOne(line)
    },
  }
}
