import { type ClaimedTask, type Holding, holding, watchHoldings, WorkStopped } from '@claimlog/worker'
import type { Workspace } from '@claimlog/workspace'
import {
  claimView,
  defined,
  findTask,
  isLive,
  liveClaims,
  onWallClock,
  type State,
  type TaskId,
  taskView,
  type Time,
  timeOf,
  type WorkerName,
} from '@claimlog/domain'

/** What an agent is to be told of a claim of its own: it is over, it is no longer renewed, or it is from before a restart. */
export type Notice = {
  readonly task_id: TaskId
  readonly notice: 'claim_lost' | 'no_longer_renewed' | 'still_held'
  readonly message: string
  /** Who has the task now, under which token. */
  readonly worker?: string
  readonly token?: number
}

/**
 * The claims that this server handed out. Each is renewed while the server lives, up to the longest that it may hold one:
 *
 * ```
 *   renewed ──the agent settles it──► gone
 *      ├──somebody else has it, or it was ended──► lost              told at the next call
 *      └──held for as long as it may be──► no longer renewed         told at the next call
 * ```
 */
export type HeldClaims = {
  /** Holds a claim that was made or renewed by the agent just now: the longest time begins anew. */
  readonly take: (claimed: ClaimedTask) => void
  /** The token under which a task was handed out last; undefined: it never was. */
  readonly tokenOf: (taskId: TaskId) => number | undefined
  /** Holds the live claims that the worker has already: it was started anew. Told with the first answers. */
  readonly adopt: (worker: WorkerName, state: State, now: Time) => void
  /** The agent has ended its claim. */
  readonly settled: (taskId: TaskId) => void
  /** The tasks that are held at the moment, as `state` has them. */
  readonly held: (state: State, now: Time) => ReadonlyArray<TaskId>
  /** What there is to tell, each once. */
  readonly notices: (state: State) => ReadonlyArray<Notice>
  readonly close: () => void
}

type Options = { readonly leaseMs: number | null | undefined; readonly maxHoldMs: number }

/** Holds what is claimed in `workspace`, and watches what others do to it. */
export const heldClaims = (workspace: Workspace, { leaseMs, maxHoldMs }: Options): HeldClaims => {
  const holdings = new Set<Holding>()
  const byTask = new Map<TaskId, Holding>()
  const tokens = new Map<TaskId, number>()
  const untold = new Map<TaskId, WorkStopped>()
  const adopted = new Map<TaskId, WorkerName>()
  const closing = new AbortController()
  void watchHoldings(workspace, holdings, closing.signal)

  const letGo = (taskId: TaskId): void => {
    const known = byTask.get(taskId)
    if (known === undefined) return
    known.end()
    holdings.delete(known)
    byTask.delete(taskId)
  }
  const take = (claimed: ClaimedTask): void => {
    const { id } = claimed.task
    letGo(id)
    untold.delete(id)
    adopted.delete(id)
    // What is left of the lease counts from now: a claim that was renewed was made long ago.
    const claim = { ...claimed.claim, claimed_at: timeOf(Date.now()) }
    const options = { workspace, leaseMs, timeoutMs: maxHoldMs, emit: nothing, fatal: nothing }
    const held = holding(options, { ...claimed, claim })
    held.held.signal.addEventListener('abort', () => {
      if (byTask.get(id) !== held) return
      letGo(id)
      if (held.held.signal.reason instanceof WorkStopped) untold.set(id, held.held.signal.reason)
    })
    holdings.add(held)
    byTask.set(id, held)
    tokens.set(id, claimed.claim.token)
  }

  return {
    take,
    adopt: (worker, state, now) => {
      for (const task of liveClaims(state, now).get(worker) ?? []) {
        if (task.claim === undefined) continue
        take({ task: taskView(task, state.clock), claim: claimView(task.claim, state.clock) })
        adopted.set(task.id, worker)
      }
    },
    tokenOf: taskId => tokens.get(taskId),
    settled: taskId => {
      adopted.delete(taskId)
      letGo(taskId)
    },
    held: (state, now) =>
      [...tokens]
        .filter(([id, token]) => {
          const claim = findTask(state, id)?.claim
          return claim !== undefined && claim.token === token && isLive(claim, now)
        })
        .map(([id]) => id),
    notices: state => {
      for (const each of holdings) each.look(state)
      const told = takeFirst(untold, mostNotices)
      for (const [id] of told) adopted.delete(id)
      const fromBefore = takeFirst(adopted, mostNotices - told.length)
      return [
        ...told.map(([id, stopped]) => noticeOf(state, id, tokens.get(id), stopped)),
        ...fromBefore.map(([id, worker]) => stillHeld(id, worker)),
      ]
    },
    close: () => {
      closing.abort()
      for (const each of holdings) each.end()
      holdings.clear()
    },
  }
}

/** Told in one answer; the others follow with the next. */
const mostNotices = 4

const nothing = (): void => undefined

/** The first entries of a map, which are no longer in it. */
const takeFirst = <K, V>(map: Map<K, V>, countMax: number): ReadonlyArray<readonly [K, V]> => {
  const first = [...map].slice(0, countMax)
  for (const [key] of first) map.delete(key)
  return first
}

const stillHeld = (taskId: TaskId, worker: WorkerName): Notice => ({
  task_id: taskId,
  notice: 'still_held',
  message: `you are ${worker}, and claimed it before this server started; it is renewed again. Go on with it, or release it`,
})

const noticeOf = (state: State, taskId: TaskId, token: number | undefined, { stopped }: WorkStopped): Notice => {
  const task = findTask(state, taskId)
  if (stopped === 'timed_out')
    return {
      task_id: taskId,
      notice: 'no_longer_renewed',
      message: `your claim has been renewed for as long as it may be (--max-hold); its lease ends at ${onWallClock(task?.claim?.leaseUntil, state.clock) ?? 'once'}. renew_claim holds on to it`,
    }
  const holder = task?.claim?.token === token ? undefined : task?.claim
  return defined({
    task_id: taskId,
    notice: 'claim_lost',
    message:
      holder === undefined
        ? `your claim was ended by somebody else: the task is ${task?.status ?? 'gone'}. Drop the work on it`
        : `your lease ended, and ${holder.worker} has the task since ${holder.claimedAt}. Drop the work on it`,
    worker: holder?.worker,
    token: holder?.token,
  })
}
