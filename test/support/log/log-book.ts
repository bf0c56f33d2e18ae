/** An independent model of a log's state, computed from its lines; it shares no code with the program that wrote them. */

/** A line of `events.jsonl` as plain JSON. */
export type Line = {
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

export type BookedClaim = {
  readonly worker: string
  readonly token: number
  readonly attempt: number
  /** Null: the claim never expires. */
  readonly leaseUntil: string | null
}

export type BookedTask = {
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
  claim: BookedClaim | undefined
  standing: 'open' | 'done' | 'failed' | 'cancelled'
}

/** The state after the lines read so far. */
export type Book = {
  readonly tasks: Map<string, BookedTask>
  readonly paused: Set<string>
  readonly limits: Map<string, number>
  /** The last line of each request that was decided. */
  readonly requests: Map<string, Line>
  last: Line | undefined
  maxAttempts: number
}

export const emptyBook = (): Book => ({
  tasks: new Map(),
  paused: new Set(),
  limits: new Map(),
  requests: new Map(),
  last: undefined,
  maxAttempts: 0,
})

/** The task that a line is about. */
export const taskIn = (book: Book, { seq, task_id: id = 'no task' }: Line): BookedTask => {
  const task = book.tasks.get(id)
  if (task === undefined) throw new Error(`line ${seq} is about ${id}, which was never added`)
  return task
}

export const tasksOfKind = (book: Book, kind: string): ReadonlyArray<BookedTask> =>
  [...book.tasks.values()].filter(task => task.kind === kind)

/** True if the claim excludes other workers at `time`. At the exact end of its lease it no longer does. */
export const isLive = (claim: BookedClaim | undefined, time: string): boolean =>
  claim !== undefined && (claim.leaseUntil === null || time < claim.leaseUntil)

/** The dependencies of `task` that are not done. */
export const openNeedsOf = (book: Book, task: BookedTask): ReadonlyArray<string> =>
  task.needs.filter(need => book.tasks.get(need)?.standing !== 'done')

/** The tasks that depend on `task`. */
export const dependentsOf = (book: Book, task: BookedTask): ReadonlyArray<BookedTask> =>
  [...book.tasks.values()].filter(({ needs }) => needs.includes(task.id))

/** A due time in the past: every time is after it. */
const always = ''

const later = (a: string, b: string): string => (a < b ? b : a)

/** Applies one line. Throws for an event or an amended field that this model does not support. */
export const enter = (book: Book, line: Line): void => {
  const entry = entries[line.event]
  if (entry === undefined) throw new Error(`line ${line.seq}: the checker does not support the event ${line.event}`)
  entry(book, line)
  book.last = line
  if (line.request_id !== undefined) book.requests.set(line.request_id, line)
}

const ofEveryLine = new Set([
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

const entries: Readonly<Record<string, (book: Book, line: Line) => void>> = {
  opened: (book, { max_attempts = 0 }) => (book.maxAttempts = max_attempts),
  added: (
    book,
    { seq, task_id: id = '', kind = '', needs = [], priority = 5, not_before: notBefore = always, ...line },
  ) =>
    book.tasks.set(id, {
      ...{ id, kind, addedSeq: seq, needs, notBefore, priority, maxAttempts: line.max_attempts ?? book.maxAttempts },
      ...{ attempts: 0, held: false, dueAt: notBefore, claim: undefined, standing: 'open' },
    }),
  claimed: (book, line) => {
    const { seq: token, worker = '', attempt = 0, lease_until: leaseUntil = null } = line
    Object.assign(taskIn(book, line), {
      claim: { worker, token, attempt, leaseUntil },
      attempts: attempt,
      dueAt: always,
    })
  },
  renewed: (book, line) => {
    const task = taskIn(book, line)
    if (task.claim !== undefined) task.claim = { ...task.claim, leaseUntil: line.lease_until ?? null }
  },
  completed: (book, line) => Object.assign(taskIn(book, line), { claim: undefined, standing: 'done' }),
  failed: (book, line) => {
    const task = taskIn(book, line)
    const { retry_at: retryAt = null } = line
    task.claim = undefined
    if (retryAt === null) task.standing = 'failed'
    else task.dueAt = later(retryAt, task.notBefore)
  },
  released: (book, line) => {
    const task = taskIn(book, line)
    if (task.claim !== undefined) task.attempts = task.claim.attempt - 1
    Object.assign(task, { claim: undefined, dueAt: task.notBefore })
  },
  held: (book, line) => Object.assign(taskIn(book, line), { claim: undefined, held: true }),
  unheld: (book, line) => (taskIn(book, line).held = false),
  cancelled: (book, line) =>
    Object.assign(taskIn(book, line), { claim: undefined, held: false, standing: 'cancelled' }),
  retried: (book, line) => {
    const task = taskIn(book, line)
    // The claims on its dependents end: they have to wait for this task again.
    if (task.standing === 'done') for (const dependent of dependentsOf(book, task)) dependent.claim = undefined
    Object.assign(task, { claim: undefined, attempts: 0, dueAt: task.notBefore, standing: 'open' })
  },
  amended: (book, line) => {
    const task = taskIn(book, line)
    task.priority = line.priority ?? task.priority
    task.maxAttempts = line.max_attempts ?? task.maxAttempts
    const unknown = Object.keys(line).find(field => !amendable.has(field) && !ofEveryLine.has(field))
    if (unknown !== undefined) throw new Error(`line ${line.seq}: the checker does not support amending ${unknown}`)
  },
  noted: () => undefined,
  repaired: () => undefined,
  paused: (book, { kind = '' }) => book.paused.add(kind),
  resumed: (book, { kind = '' }) => book.paused.delete(kind),
  limited: (book, { kind = '', limit = null }) =>
    limit === null ? book.limits.delete(kind) : book.limits.set(kind, limit),
}
