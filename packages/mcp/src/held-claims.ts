import {
  type ClaimedTask,
  type Holding,
  holding,
  watchHoldings,
  WorkStopped,
  type Workspace,
} from '@claimlog/coordinator/workspace'
import { defined, isLive, type State, type TaskId, type Time, timeOf } from '@claimlog/domain'

/** What an agent is to be told of a claim that it was handed: it is over, or it is no longer renewed. */
export type Notice = {
  readonly task_id: TaskId
  readonly notice: 'claim_lost' | 'no_longer_renewed'
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
    tokenOf: taskId => tokens.get(taskId),
    settled: letGo,
    held: (state, now) =>
      [...tokens]
        .filter(([id, token]) => {
          const claim = state.table.get(id)?.claim
          return claim !== undefined && claim.token === token && isLive(claim, now)
        })
        .map(([id]) => id),
    notices: state => {
      for (const each of holdings) each.look(state)
      const told = [...untold].slice(0, mostNotices)
      for (const [id] of told) untold.delete(id)
      return told.map(([id, stopped]) => noticeOf(state, id, tokens.get(id), stopped))
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

const noticeOf = (state: State, taskId: TaskId, token: number | undefined, { stopped }: WorkStopped): Notice => {
  const task = state.table.get(taskId)
  if (stopped === 'timed_out')
    return {
      task_id: taskId,
      notice: 'no_longer_renewed',
      message: `your claim has been renewed for as long as it may be (--max-hold); its lease ends at ${task?.claim?.leaseUntil ?? 'once'}. renew_claim holds on to it`,
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
