import {
  defined,
  findTask,
  isLive,
  keepClaims,
  type KeepOptions,
  liveClaimsOf,
  type LocalQueue,
  type NoLongerKept,
  onWallClock,
  type State,
  type TaskId,
  type Time,
  type WorkerName,
} from '@claimlog/client/unstable-internals'
import type { ClaimedTask, Notice } from '@claimlog/wire'

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

/** Holds what is claimed in `queue`, and learns what others do to it. */
export const heldClaims = (queue: LocalQueue, { leaseMs, maxHoldMs }: KeepOptions): HeldClaims => {
  const keeper = keepClaims(queue, { leaseMs, maxHoldMs })
  const kept = new Map<TaskId, () => void>()
  const tokens = new Map<TaskId, number>()
  const untold = new Map<TaskId, NoLongerKept>()
  const adopted = new Map<TaskId, WorkerName>()

  const letGo = (taskId: TaskId): void => {
    kept.get(taskId)?.()
    kept.delete(taskId)
  }
  const take = (claimed: ClaimedTask): void => {
    const { id } = claimed.task
    letGo(id)
    untold.delete(id)
    adopted.delete(id)
    const stopped = (why: NoLongerKept): void => {
      kept.delete(id)
      untold.set(id, why)
    }
    kept.set(id, keeper.keep(claimed, stopped))
    tokens.set(id, claimed.claim.token)
  }

  return {
    take,
    adopt: (worker, state, now) => {
      for (const claimed of liveClaimsOf(state, worker, now)) {
        take(claimed)
        adopted.set(claimed.task.id, worker)
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
      keeper.look(state)
      const told = takeFirst(untold, mostNotices)
      for (const [id] of told) adopted.delete(id)
      const fromBefore = takeFirst(adopted, mostNotices - told.length)
      return [
        ...told.map(([id, why]) => noticeOf(state, id, tokens.get(id), why)),
        ...fromBefore.map(([id, worker]) => stillHeld(id, worker)),
      ]
    },
    close: keeper.close,
  }
}

/** Told in one answer; the others follow with the next. */
const mostNotices = 4

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

const noticeOf = (state: State, taskId: TaskId, token: number | undefined, why: NoLongerKept): Notice => {
  const task = findTask(state, taskId)
  if (why === 'timed_out')
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
