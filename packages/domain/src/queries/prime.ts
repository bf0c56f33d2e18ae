import { laterTime, type LogClock, toWallTime } from '../time/clock.ts'
import { countFreeTasks, findFreeTasks, listUnblockedKinds } from '../decide/claims/claimable.ts'
import { findKindGuard } from '../decide/claims/guards.ts'
import type { Kind, TaskId, Time, WorkerName } from '../values/scalars.ts'
import { type State, getTask } from '../state/state.ts'
import { type Claim, isLive, type Task } from '../state/task.ts'
import { truncateText } from '../values/printable.ts'
import { omitUndefined } from '@claimlog/codecs'

/** A claim in brief. `lapsed`: the lease has expired; the holder may finish it until another worker claims. */
export type OpenClaim = {
  readonly taskId: TaskId
  readonly title?: string
  readonly kind: Kind
  readonly worker: WorkerName
  readonly token: number
  readonly leaseUntil: Time | null
  readonly lapsed: boolean
}

/** The ready tasks of a kind: their number and the first of them. `closed`: a rule stops all claims of the kind. */
export type ReadyKind = {
  readonly kind: Kind
  readonly ready: number
  readonly closed?: 'paused' | 'full'
  readonly tasks: ReadonlyArray<{ readonly taskId: TaskId; readonly title?: string }>
}

/**
 * The briefing of a worker at the start of a session or after its context was compacted: its claims (those of
 * `worker`, or all live claims if no worker is named), ordered by the end of their leases, and the ready tasks.
 * A claim that a later claim found expired is left out: its task is among the ready ones. At most
 * {@link primeClaimsMax} claims and {@link primeKindsMax} kinds; `truncated`: there are more.
 */
export type PrimeContext = {
  readonly worker?: WorkerName
  readonly claims: ReadonlyArray<OpenClaim>
  readonly openClaims: number
  /** If `worker` is set: the number of live claims of other workers, and the first of these workers. */
  readonly claimsOfOthers?: number
  readonly others?: ReadonlyArray<OtherHolder>
  readonly kinds: ReadonlyArray<ReadyKind>
  readonly kindsWithWork: number
  readonly truncated: boolean
  readonly seq: number
}

/** Another worker with live claims: their number and the first task. `vacant`: no agent is using the name now. */
export type OtherHolder = {
  readonly worker: WorkerName
  readonly claims: number
  readonly taskId: TaskId
  readonly vacant?: true
}

/** The worker and the kinds to report; empty: any. `vacant`: the worker names that no agent is using now. */
export type PrimeQuery = {
  readonly worker?: WorkerName
  readonly kinds: ReadonlyArray<Kind>
  readonly vacant?: ReadonlyArray<WorkerName>
}

const otherHoldersMax = 4
const primeClaimsMax = 8
const primeKindsMax = 8
const kindTasksMax = 3
const titleLengthMax = 80

/** Builds a {@link PrimeContext}. Reads claims and the first entries of the indices, never all tasks. */
export const primeWorker = (state: State, { worker, kinds, vacant = [] }: PrimeQuery, now: Time): PrimeContext => {
  const effectiveNow = laterTime(now, state.time)
  const open = findOpenClaims(state, worker, effectiveNow)
  const requested = kinds.length === 0 ? listUnblockedKinds(state) : [...new Set(kinds)]
  const shown = requested.slice(0, primeKindsMax).map(kind => toReadyKind(state, kind, effectiveNow))
  return omitUndefined({
    worker,
    claims: open.first.map(({ task, claim }) => toOpenClaim(task, claim, state.clock, effectiveNow)),
    openClaims: open.count,
    ...(worker === undefined ? {} : countOtherClaims(state, worker, vacant, effectiveNow)),
    kinds: shown,
    kindsWithWork: requested.length,
    truncated:
      open.count > open.first.length ||
      requested.length > shown.length ||
      shown.some(({ ready, tasks }) => ready > tasks.length),
    seq: state.seq,
  })
}

type TaskClaim = { readonly task: Task; readonly claim: Claim }

/** A worker's claims, or all live claims: their number, and the first by the end of their leases. */
const findOpenClaims = (
  state: State,
  worker: WorkerName | undefined,
  now: Time,
): { readonly first: ReadonlyArray<TaskClaim>; readonly count: number } => {
  let count = 0
  const first: Array<TaskClaim> = []
  for (const index of ['leased', 'exhausted'] as const)
    for (const task of tasksByIndex(state, index)) {
      const { claim } = task
      if (claim === undefined || (worker === undefined ? !isLive(claim, now) : claim.worker !== worker)) continue
      count += 1
      first.push({ task, claim })
      if (first.length > 2 * primeClaimsMax) first.sort(compareLeaseEnds).splice(primeClaimsMax)
    }
  return { first: first.sort(compareLeaseEnds).slice(0, primeClaimsMax), count }
}

/** The tasks of an index, kind by kind. */
const tasksByIndex = function* (state: State, index: 'leased' | 'exhausted'): Generator<Task> {
  for (const kind of state.table.partitions(index))
    for (const id of state.table.range(index, kind)) yield getTask(state, id)
}

/** The live claims of every worker. */
export const liveClaims = (state: State, now: Time): ReadonlyMap<WorkerName, ReadonlyArray<Task>> => {
  const claims = new Map<WorkerName, Array<Task>>()
  for (const task of tasksByIndex(state, 'leased')) {
    if (task.claim === undefined || !isLive(task.claim, now)) continue
    const { worker } = task.claim
    const tasks = claims.get(worker)
    if (tasks === undefined) claims.set(worker, [task])
    else tasks.push(task)
  }
  return claims
}

/** The claims of other workers. Vacant names come first: their claims wait for an agent that was restarted. */
const countOtherClaims = (
  state: State,
  ownName: WorkerName,
  vacant: ReadonlyArray<WorkerName>,
  now: Time,
): Pick<PrimeContext, 'claimsOfOthers' | 'others'> => {
  const claims = [...liveClaims(state, now)].filter(([worker]) => worker !== ownName)
  const vacantNames = new Set(vacant)
  claims.sort(([a], [b]) => Number(vacantNames.has(b)) - Number(vacantNames.has(a)) || (a < b ? -1 : 1))
  return {
    claimsOfOthers: claims.reduce((sum, [, tasks]) => sum + tasks.length, 0),
    others: claims.slice(0, otherHoldersMax).map(([worker, tasks]) =>
      omitUndefined({
        worker,
        claims: tasks.length,
        taskId: tasks[0]?.id ?? '',
        vacant: vacantNames.has(worker) ? (true as const) : undefined,
      }),
    ),
  }
}

const compareLeaseEnds = (a: TaskClaim, b: TaskClaim): number => {
  const [first, second] = [a.claim.leaseUntil ?? '~', b.claim.leaseUntil ?? '~']
  return first < second ? -1 : first > second ? 1 : a.claim.token - b.claim.token
}

const toOpenClaim = ({ id, kind, spec }: Task, claim: Claim, clock: LogClock, now: Time): OpenClaim =>
  omitUndefined({
    taskId: id,
    title: shortenTitle(spec.title),
    kind,
    worker: claim.worker,
    token: claim.token,
    leaseUntil: toWallTime(claim.leaseUntil, clock),
    lapsed: !isLive(claim, now),
  })

/** Leaves out tasks that have no attempts left: they count as failed. */
const toReadyKind = (state: State, kind: Kind, now: Time): ReadyKind =>
  omitUndefined({
    kind,
    ready: countFreeTasks(state, kind, now),
    closed: findKindGuard(state, kind, now)?.guard,
    tasks: findFreeTasks(state, kind, now, kindTasksMax).tasks.map(({ id, spec }) =>
      omitUndefined({ taskId: id, title: shortenTitle(spec.title) }),
    ),
  })

const shortenTitle = (title: string | undefined): string | undefined =>
  title === undefined || title.length <= titleLengthMax ? title : `${truncateText(title, titleLengthMax - 1)}…`
