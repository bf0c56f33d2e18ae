/** An independent model of a log's state, computed from its lines; it shares no code with the program that wrote them. */

/** A line of `events.jsonl` as plain JSON. */
export type CheckedLine = {
  readonly seq: number
  readonly event: string
  readonly time: string
  readonly clock?: string
  readonly boot?: string
  readonly up_ms?: number
  readonly hash?: string
  readonly more?: true
  readonly request_id?: string
  readonly worker?: string
  readonly task_id?: string
  readonly kind?: string
  readonly needs?: ReadonlyArray<string>
  readonly priority?: number
  readonly not_before?: string
  readonly max_attempts?: number
  readonly attempt?: number
  readonly token?: number
  readonly lease_until?: string | null
  readonly retry_at?: string | null
  readonly limit?: number | null
}

export type LogModelClaim = {
  readonly worker: string
  readonly token: number
  readonly attempt: number
  /** Null: the claim never expires. */
  readonly leaseUntil: string | null
}

export type LogModelTask = {
  readonly id: string
  readonly kind: string
  /** The `seq` of its `added` line: a lower one is an older task. */
  readonly addedSeq: number
  readonly needs: ReadonlyArray<string>
  readonly notBefore: string
  priority: number
  maxAttempts: number
  attempts: number
  held: boolean
  /** The task must not be claimed before. */
  dueAt: string
  claim: LogModelClaim | undefined
  status: 'open' | 'done' | 'failed' | 'cancelled'
}

/** The state after the lines read so far. */
export type LogModel = {
  readonly tasks: Map<string, LogModelTask>
  readonly paused: Set<string>
  readonly limits: Map<string, number>
  /** The last line of each request that was decided. */
  readonly requests: Map<string, CheckedLine>
  last: CheckedLine | undefined
  maxAttempts: number
}

export const emptyLogModel = (): LogModel => ({
  tasks: new Map(),
  paused: new Set(),
  limits: new Map(),
  requests: new Map(),
  last: undefined,
  maxAttempts: 0,
})

/** The task that a line is about. */
export const findTask = (model: LogModel, { seq, task_id: id = 'no task' }: CheckedLine): LogModelTask => {
  const task = model.tasks.get(id)
  if (task === undefined) throw new Error(`line ${seq} is about ${id}, which was never added`)
  return task
}

export const tasksByKind = (model: LogModel, kind: string): ReadonlyArray<LogModelTask> =>
  [...model.tasks.values()].filter(task => task.kind === kind)

/** True if the claim excludes other workers at `time`. At the exact end of its lease it no longer does. */
export const isLive = (claim: LogModelClaim | undefined, time: string): boolean =>
  claim !== undefined && (claim.leaseUntil === null || time < claim.leaseUntil)

/** The dependencies of `task` that are not done. */
export const listOpenNeeds = (model: LogModel, task: LogModelTask): ReadonlyArray<string> =>
  task.needs.filter(need => model.tasks.get(need)?.status !== 'done')

/** The tasks that depend on `task`. */
export const listDependents = (model: LogModel, task: LogModelTask): ReadonlyArray<LogModelTask> =>
  [...model.tasks.values()].filter(({ needs }) => needs.includes(task.id))

/** A due time in the past: every time is after it. */
const earliestTime = ''

const latestTime = (a: string, b: string): string => (a < b ? b : a)

/** Applies one line. Throws for an event or an amended field that this model does not support. */
export const applyLine = (model: LogModel, line: CheckedLine): void => {
  const handler = handlers[line.event]
  if (handler === undefined) throw new Error(`line ${line.seq}: the checker does not support the event ${line.event}`)
  handler(model, line)
  model.last = line
  if (line.request_id !== undefined) model.requests.set(line.request_id, line)
}

const commonFields = new Set([
  'seq',
  'event',
  'task_id',
  'by',
  'request_id',
  'clock',
  'boot',
  'up_ms',
  'time',
  'more',
  'hash',
])
const amendable = new Set(['priority', 'max_attempts'])

const handlers: Readonly<Record<string, (model: LogModel, line: CheckedLine) => void>> = {
  opened: (model, { max_attempts = 0 }) => (model.maxAttempts = max_attempts),
  added: (
    model,
    { seq, task_id: id = '', kind = '', needs = [], priority = 5, not_before: notBefore = earliestTime, ...line },
  ) =>
    model.tasks.set(id, {
      ...{ id, kind, addedSeq: seq, needs, notBefore, priority, maxAttempts: line.max_attempts ?? model.maxAttempts },
      ...{ attempts: 0, held: false, dueAt: notBefore, claim: undefined, status: 'open' },
    }),
  claimed: (model, line) => {
    const { seq: token, worker = '', attempt = 0, lease_until: leaseUntil = null } = line
    Object.assign(findTask(model, line), {
      claim: { worker, token, attempt, leaseUntil },
      attempts: attempt,
      dueAt: earliestTime,
    })
  },
  renewed: (model, line) => {
    const task = findTask(model, line)
    if (task.claim !== undefined) task.claim = { ...task.claim, leaseUntil: line.lease_until ?? null }
  },
  completed: (model, line) => Object.assign(findTask(model, line), { claim: undefined, status: 'done' }),
  failed: (model, line) => {
    const task = findTask(model, line)
    const { retry_at: retryAt = null } = line
    task.claim = undefined
    if (retryAt === null) task.status = 'failed'
    else task.dueAt = latestTime(retryAt, task.notBefore)
  },
  released: (model, line) => {
    const task = findTask(model, line)
    if (task.claim !== undefined) task.attempts = task.claim.attempt - 1
    Object.assign(task, { claim: undefined, dueAt: task.notBefore })
  },
  held: (model, line) => Object.assign(findTask(model, line), { claim: undefined, held: true }),
  unheld: (model, line) => (findTask(model, line).held = false),
  cancelled: (model, line) =>
    Object.assign(findTask(model, line), { claim: undefined, held: false, status: 'cancelled' }),
  retried: (model, line) => {
    const task = findTask(model, line)
    // The claims on its dependents end: they have to wait for this task again.
    if (task.status === 'done') for (const dependent of listDependents(model, task)) dependent.claim = undefined
    Object.assign(task, { claim: undefined, attempts: 0, dueAt: task.notBefore, status: 'open' })
  },
  amended: (model, line) => {
    const task = findTask(model, line)
    task.priority = line.priority ?? task.priority
    task.maxAttempts = line.max_attempts ?? task.maxAttempts
    const unknown = Object.keys(line).find(field => !amendable.has(field) && !commonFields.has(field))
    if (unknown !== undefined) throw new Error(`line ${line.seq}: the checker does not support amending ${unknown}`)
  },
  noted: () => undefined,
  repaired: () => undefined,
  moved: () => undefined,
  paused: (model, { kind = '' }) => model.paused.add(kind),
  resumed: (model, { kind = '' }) => model.paused.delete(kind),
  limited: (model, { kind = '', limit = null }) =>
    limit === null ? model.limits.delete(kind) : model.limits.set(kind, limit),
}
