import {
  omitUndefined,
  findTask,
  isLive,
  keepClaims,
  type KeepClaimsOptions,
  listLiveClaims,
  type LocalQueue,
  type RenewalEndReason,
  toWallTime,
  type State,
  type TaskId,
  type Time,
  type WorkerName,
} from '@claimlog/client/unstable-internals'
import type { ClaimedTask, ClaimNotice } from '@claimlog/wire'

/**
 * The claims of the agent. Each is renewed while the server runs, up to `renewMsMax`:
 *
 * ```
 *   renewed ──the agent completes, fails or releases it──► gone
 *      ├──another process claimed or ended it──► lost                notice in the next answer
 *      └──renewMsMax is reached──► no longer renewed                  notice in the next answer
 * ```
 */
export type HeldClaims = {
  /** Keeps a claim that the agent has just made or renewed; restarts its `renewMsMax`. */
  readonly take: (claimed: ClaimedTask) => void
  /** The token of the agent's last claim of a task; undefined: it has not claimed it. */
  readonly tokenOf: (taskId: TaskId) => number | undefined
  /** Keeps the live claims of a restarted worker, with a notice in the first answers. */
  readonly adopt: (worker: WorkerName, state: State, now: Time) => void
  /** Stops keeping a claim that the agent has ended. */
  readonly settled: (taskId: TaskId) => void
  /** The tasks that the agent has claimed in `state`. */
  readonly held: (state: State, now: Time) => ReadonlyArray<TaskId>
  /** The pending notices; each is returned once. */
  readonly notices: (state: State) => ReadonlyArray<ClaimNotice>
  readonly close: () => void
}

/** Creates an empty set of claims in `queue`. */
export const heldClaims = (queue: LocalQueue, { leaseMs, renewMsMax }: KeepClaimsOptions): HeldClaims => {
  const keeper = keepClaims(queue, { leaseMs, renewMsMax })
  const kept = new Map<TaskId, () => void>()
  const tokens = new Map<TaskId, number>()
  const untold = new Map<TaskId, RenewalEndReason>()
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
    const stopped = (why: RenewalEndReason): void => {
      kept.delete(id)
      untold.set(id, why)
    }
    kept.set(id, keeper.keep(claimed, stopped))
    tokens.set(id, claimed.claim.token)
  }

  return {
    take,
    adopt: (worker, state, now) => {
      for (const claimed of listLiveClaims(state, worker, now)) {
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
      keeper.check(state)
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

/** Per answer; the others follow with the next one. */
const mostNotices = 4

/** Removes the first entries of a map and returns them. */
const takeFirst = <K, V>(map: Map<K, V>, countMax: number): ReadonlyArray<readonly [K, V]> => {
  const first = [...map].slice(0, countMax)
  for (const [key] of first) map.delete(key)
  return first
}

const stillHeld = (taskId: TaskId, worker: WorkerName): ClaimNotice => ({
  task_id: taskId,
  notice: 'still_held',
  message: `you are ${worker} and claimed it before this server started; it is renewed again. Continue or release it`,
})

const noticeOf = (state: State, taskId: TaskId, token: number | undefined, why: RenewalEndReason): ClaimNotice => {
  const task = findTask(state, taskId)
  if (why === 'timed_out')
    return {
      task_id: taskId,
      notice: 'no_longer_renewed',
      message: `your claim reached --max-hold and is no longer renewed; its lease ends at ${toWallTime(task?.claim?.leaseUntil, state.clock) ?? 'once'}. renew_claim extends it`,
    }
  const holder = task?.claim?.token === token ? undefined : task?.claim
  return omitUndefined({
    task_id: taskId,
    notice: 'claim_lost',
    message:
      holder === undefined
        ? `your claim was ended by another process: the task is ${task?.status ?? 'gone'}. Stop the work on it`
        : `your lease expired, and ${holder.worker} claimed the task at ${holder.claimedAt}. Stop the work on it`,
    worker: holder?.worker,
    token: holder?.token,
  })
}
