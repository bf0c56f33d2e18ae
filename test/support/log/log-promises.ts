import { elapsedLines } from './elapsed-lines.ts'
import {
  type LogModel,
  type LogModelTask,
  listDependents,
  emptyLogModel,
  applyLine,
  isLive,
  type CheckedLine,
  listOpenNeeds,
  findTask,
  tasksByKind,
} from './log-model.ts'

/** A broken promise: a line that contradicts the lines before it. */
export type BrokenPromise = { readonly promise: LogPromise; readonly seq: number; readonly detail: string }

/** Returns why `line` breaks the promise after the lines in `model`; undefined if it does not. */
type PromiseCheck = (model: LogModel, line: CheckedLine) => string | undefined

const claimedTwice: PromiseCheck = (model, line) => {
  const { claim } = findTask(model, line)
  return line.event === 'claimed' && isLive(claim, line.time)
    ? `${claim?.worker} has it until ${claim?.leaseUntil}`
    : undefined
}

const reportedByNonHolder: PromiseCheck = (model, line) => {
  if (!['renewed', 'completed', 'failed', 'released'].includes(line.event)) return undefined
  const { claim } = findTask(model, line)
  if (claim === undefined) return 'it is not claimed'
  if (claim.token !== line.token) return `it is claimed under token ${claim.token}, not ${line.token}`
  return claim.worker === line.worker ? undefined : `${claim.worker} has it, not ${line.worker}`
}

const liveClaimEnded: PromiseCheck = (model, line) => {
  if (line.event !== 'held' && line.event !== 'retried') return undefined
  const task = findTask(model, line)
  const dependents = line.event === 'retried' && task.status === 'done' ? listDependents(model, task) : []
  const affected = [task, ...dependents].find(({ claim }) => isLive(claim, line.time))
  return affected && `${affected.claim?.worker} has ${affected.id} until ${affected.claim?.leaseUntil}`
}

const claimedBeforeDependencies: PromiseCheck = (model, line) => {
  if (line.event !== 'claimed' && line.event !== 'completed') return undefined
  const open = listOpenNeeds(model, findTask(model, line))
  return open.length === 0 ? undefined : `it depends on ${open.join(', ')}`
}

const attemptedTooOften: PromiseCheck = (model, line) => {
  const { attempts, maxAttempts, status } = findTask(model, line)
  switch (line.event) {
    case 'claimed':
      if (line.attempt !== attempts + 1) return `attempt ${line.attempt} comes after ${attempts}`
      return attempts < maxAttempts ? undefined : `${attempts} of ${maxAttempts} attempts were made`
    case 'failed':
      return line.retry_at !== null && attempts >= maxAttempts ? `it has no attempt left of ${maxAttempts}` : undefined
    case 'amended':
      return status === 'open' && (line.max_attempts ?? maxAttempts) < attempts
        ? `${attempts} attempts were made already`
        : undefined
    default:
      return undefined
  }
}

/** Lowering a limit ends no claim, so a live claim may be renewed above the limit. */
const limitExceeded: PromiseCheck = (model, line) => {
  if (line.event !== 'claimed' && line.event !== 'renewed') return undefined
  const task = findTask(model, line)
  const limit = model.limits.get(task.kind)
  if (limit === undefined || isLive(task.claim, line.time)) return undefined
  const others = tasksByKind(model, task.kind).filter(({ claim }) => isLive(claim, line.time)).length
  return others < limit ? undefined : `${others} ${task.kind} tasks were claimed, and ${limit} may be`
}

/**
 * The reason why a task must not be claimed at `time`, apart from its dependencies, its holder, its attempts and the
 * limit of its kind.
 */
const notClaimableReason = (
  model: LogModel,
  { kind, held, dueAt, status }: LogModelTask,
  time: string,
): string | undefined => {
  if (status !== 'open') return `it is ${status}`
  if (held) return 'it is on hold'
  if (model.paused.has(kind)) return `${kind} is paused`
  return time < dueAt ? `it is not due before ${dueAt}` : undefined
}

const claimedWhileNotClaimable: PromiseCheck = (model, line) =>
  line.event === 'claimed' ? notClaimableReason(model, findTask(model, line), line.time) : undefined

const isClaimable = (model: LogModel, task: LogModelTask, time: string): boolean =>
  notClaimableReason(model, task, time) === undefined &&
  !isLive(task.claim, time) &&
  task.attempts < task.maxAttempts &&
  listOpenNeeds(model, task).length === 0

const isClaimedFirst = (a: LogModelTask, b: LogModelTask): boolean =>
  a.priority === b.priority ? a.addedSeq < b.addedSeq : a.priority < b.priority

const claimedOutOfOrder: PromiseCheck = (model, line) => {
  if (line.event !== 'claimed') return undefined
  const task = findTask(model, line)
  const first = tasksByKind(model, task.kind).find(
    other => isClaimedFirst(other, task) && isClaimable(model, other, line.time),
  )
  return first && `${first.id} (priority ${first.priority}) comes before it (priority ${task.priority})`
}

const decidedTwice: PromiseCheck = (model, line) => {
  const earlier = line.request_id === undefined ? undefined : model.requests.get(line.request_id)
  if (earlier === undefined || (earlier.seq === line.seq - 1 && earlier.more === true)) return undefined
  return `${line.request_id} was decided by line ${earlier.seq}`
}

const mixedDecision: PromiseCheck = ({ last }, line) => {
  if (last?.more !== true) return undefined
  if (last.time !== line.time) return `it continues a decision of ${last.time}`
  return last.request_id === line.request_id ? undefined : `it continues the request ${last.request_id}`
}

const onTaskLines =
  (check: PromiseCheck): PromiseCheck =>
  (model, line) =>
    line.event === 'added' || line.task_id === undefined ? undefined : check(model, line)

const completeDecision = 'a decision of several events is complete, with one time and one request'

/** Every promise that can be checked with the log alone, by its sentence. Assumes that no task was claimed by id. */
const checks = {
  'a task is claimed only when no claim on it is live': onTaskLines(claimedTwice),
  'a claim is renewed, completed, failed and released by its holder, under its token': onTaskLines(reportedByNonHolder),
  'a live claim does not end because its task is put on hold or one of its dependencies is retried':
    onTaskLines(liveClaimEnded),
  'a task is claimed and completed only while all its dependencies are done': onTaskLines(claimedBeforeDependencies),
  'a task never has more than max_attempts attempts': onTaskLines(attemptedTooOften),
  'a kind never gains a live claim beyond its limit': onTaskLines(limitExceeded),
  'no task is claimed that is finished, on hold or not due yet, or whose kind is paused':
    onTaskLines(claimedWhileNotClaimable),
  'no task is claimed before a more urgent or older one of its kind': onTaskLines(claimedOutOfOrder),
  'a request that is sent twice is decided once': decidedTwice,
  [completeDecision]: mixedDecision,
} as const

export type LogPromise = keyof typeof checks

export const logPromises = Object.keys(checks) as ReadonlyArray<LogPromise>

/** Checks a log line by line; returns each line that breaks a promise, and the state after the last line. */
export const checkPromises = (
  lines: ReadonlyArray<CheckedLine>,
): { readonly broken: ReadonlyArray<BrokenPromise>; readonly model: LogModel } => {
  const model = emptyLogModel()
  const broken: Array<BrokenPromise> = []
  for (const line of elapsedLines(lines)) {
    for (const promise of logPromises) {
      const detail = checks[promise](model, line)
      if (detail !== undefined) broken.push({ promise, seq: line.seq, detail })
    }
    applyLine(model, line)
  }
  const { last } = model
  if (last?.more === true)
    broken.push({ promise: completeDecision, seq: last.seq, detail: 'the rest of its decision is missing' })
  return { broken, model }
}
