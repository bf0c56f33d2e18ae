import { elapsedLines } from './elapsed-lines.ts'
import {
  type Book,
  type BookedTask,
  dependentsOf,
  emptyBook,
  enter,
  isLive,
  type Line,
  openNeedsOf,
  taskIn,
  tasksOfKind,
} from './log-book.ts'

/** A broken promise: a line that contradicts the lines before it. */
export type Broken = { readonly promise: LogPromise; readonly seq: number; readonly detail: string }

/** Returns why `line` breaks the promise after the lines in `book`; undefined if it does not. */
type Check = (book: Book, line: Line) => string | undefined

const claimedTwice: Check = (book, line) => {
  const { claim } = taskIn(book, line)
  return line.event === 'claimed' && isLive(claim, line.time)
    ? `${claim?.worker} has it until ${claim?.leaseUntil}`
    : undefined
}

const spokenWithoutHolding: Check = (book, line) => {
  if (!['renewed', 'completed', 'failed', 'released'].includes(line.event)) return undefined
  const { claim } = taskIn(book, line)
  if (claim === undefined) return 'it is not claimed'
  if (claim.token !== line.token) return `it is claimed under token ${claim.token}, not ${line.token}`
  return claim.worker === line.worker ? undefined : `${claim.worker} has it, not ${line.worker}`
}

const takenFromItsHolder: Check = (book, line) => {
  if (line.event !== 'held' && line.event !== 'retried') return undefined
  const task = taskIn(book, line)
  const waiting = line.event === 'retried' && task.standing === 'done' ? dependentsOf(book, task) : []
  const robbed = [task, ...waiting].find(({ claim }) => isLive(claim, line.time))
  return robbed && `${robbed.claim?.worker} has ${robbed.id} until ${robbed.claim?.leaseUntil}`
}

const begunTooEarly: Check = (book, line) => {
  if (line.event !== 'claimed' && line.event !== 'completed') return undefined
  const open = openNeedsOf(book, taskIn(book, line))
  return open.length === 0 ? undefined : `it depends on ${open.join(', ')}`
}

const triedTooOften: Check = (book, line) => {
  const { attempts, maxAttempts, standing } = taskIn(book, line)
  switch (line.event) {
    case 'claimed':
      if (line.attempt !== attempts + 1) return `attempt ${line.attempt} comes after ${attempts}`
      return attempts < maxAttempts ? undefined : `${attempts} of ${maxAttempts} attempts were made`
    case 'failed':
      return line.retry_at !== null && attempts >= maxAttempts ? `it has no attempt left of ${maxAttempts}` : undefined
    case 'amended':
      return standing === 'open' && (line.max_attempts ?? maxAttempts) < attempts
        ? `${attempts} attempts were made already`
        : undefined
    default:
      return undefined
  }
}

/** Lowering a limit ends no claim, so a live claim may be renewed above the limit. */
const tooManyAtOnce: Check = (book, line) => {
  if (line.event !== 'claimed' && line.event !== 'renewed') return undefined
  const task = taskIn(book, line)
  const limit = book.limits.get(task.kind)
  if (limit === undefined || isLive(task.claim, line.time)) return undefined
  const others = tasksOfKind(book, task.kind).filter(({ claim }) => isLive(claim, line.time)).length
  return others < limit ? undefined : `${others} ${task.kind} tasks were claimed, and ${limit} may be`
}

/**
 * The reason why a task must not be claimed at `time`, apart from its dependencies, its holder, its attempts and the
 * limit of its kind.
 */
const closed = (book: Book, { kind, held, dueAt, standing }: BookedTask, time: string): string | undefined => {
  if (standing !== 'open') return `it is ${standing}`
  if (held) return 'it is on hold'
  if (book.paused.has(kind)) return `${kind} is paused`
  return time < dueAt ? `it is not due before ${dueAt}` : undefined
}

const claimedWhileClosed: Check = (book, line) =>
  line.event === 'claimed' ? closed(book, taskIn(book, line), line.time) : undefined

const isClaimable = (book: Book, task: BookedTask, time: string): boolean =>
  closed(book, task, time) === undefined &&
  !isLive(task.claim, time) &&
  task.attempts < task.maxAttempts &&
  openNeedsOf(book, task).length === 0

const comesBefore = (a: BookedTask, b: BookedTask): boolean =>
  a.priority === b.priority ? a.addedSeq < b.addedSeq : a.priority < b.priority

const overtaken: Check = (book, line) => {
  if (line.event !== 'claimed') return undefined
  const task = taskIn(book, line)
  const first = tasksOfKind(book, task.kind).find(
    other => comesBefore(other, task) && isClaimable(book, other, line.time),
  )
  return first && `${first.id} (priority ${first.priority}) comes before it (priority ${task.priority})`
}

const decidedTwice: Check = (book, line) => {
  const before = line.request_id === undefined ? undefined : book.requests.get(line.request_id)
  if (before === undefined || (before.seq === line.seq - 1 && before.more === true)) return undefined
  return `${line.request_id} was decided by line ${before.seq}`
}

const goneOnOtherwise: Check = ({ last }, line) => {
  if (last?.more !== true) return undefined
  if (last.time !== line.time) return `it continues a decision of ${last.time}`
  return last.request_id === line.request_id ? undefined : `it continues the request ${last.request_id}`
}

const aboutTasks =
  (check: Check): Check =>
  (book, line) =>
    line.event === 'added' || line.task_id === undefined ? undefined : check(book, line)

const whole = 'a decision of several events is complete, with one time and one request'

/** Every promise that can be checked with the log alone, by its sentence. Assumes that no task was claimed by id. */
const checks = {
  'a task is claimed only when no claim on it is live': aboutTasks(claimedTwice),
  'a claim is renewed, completed, failed and released by its holder, under its token': aboutTasks(spokenWithoutHolding),
  'a live claim does not end because its task is put on hold or one of its dependencies is retried':
    aboutTasks(takenFromItsHolder),
  'a task is claimed and completed only while all its dependencies are done': aboutTasks(begunTooEarly),
  'a task never has more than max_attempts attempts': aboutTasks(triedTooOften),
  'a kind never gains a live claim beyond its limit': aboutTasks(tooManyAtOnce),
  'no task is claimed that is finished, on hold or not due yet, or whose kind is paused':
    aboutTasks(claimedWhileClosed),
  'no task is claimed before a more urgent or older one of its kind': aboutTasks(overtaken),
  'a request that is sent twice is decided once': decidedTwice,
  [whole]: goneOnOtherwise,
} as const

export type LogPromise = keyof typeof checks

export const logPromises = Object.keys(checks) as ReadonlyArray<LogPromise>

/** Checks a log line by line; returns each line that breaks a promise, and the state after the last line. */
export const readAgainstPromises = (
  lines: ReadonlyArray<Line>,
): { readonly broken: ReadonlyArray<Broken>; readonly book: Book } => {
  const book = emptyBook()
  const broken: Array<Broken> = []
  for (const line of elapsedLines(lines)) {
    for (const promise of logPromises) {
      const detail = checks[promise](book, line)
      if (detail !== undefined) broken.push({ promise, seq: line.seq, detail })
    }
    enter(book, line)
  }
  const { last } = book
  if (last?.more === true) broken.push({ promise: whole, seq: last.seq, detail: 'the rest of its decision is missing' })
  return { broken, book }
}
