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
export type AgentClaims = {
  /** Keeps a claim that the agent has just made or renewed; restarts its `renewMsMax`. */
  readonly keep: (claimed: ClaimedTask) => void
  /** The token of the agent's last claim of a task; undefined: it has not claimed it. */
  readonly findToken: (taskId: TaskId) => number | undefined
  /** Keeps the live claims of a restarted worker, with a notice in the first answers. */
  readonly adopt: (worker: WorkerName, state: State, now: Time) => void
  /** Stops keeping a claim that the agent has ended. */
  readonly drop: (taskId: TaskId) => void
  /** The tasks that the agent has claimed in `state`. */
  readonly claimedTasks: (state: State, now: Time) => ReadonlyArray<TaskId>
  /** The pending notices; each is returned once. */
  readonly notices: (state: State) => ReadonlyArray<ClaimNotice>
  readonly close: () => void
}

/** Creates an empty set of claims in `queue`. */
export const createAgentClaims = (queue: LocalQueue, { leaseMs, renewMsMax }: KeepClaimsOptions): AgentClaims => {
  const keeper = keepClaims(queue, { leaseMs, renewMsMax })
  const stopFunctions = new Map<TaskId, () => void>()
  const tokens = new Map<TaskId, number>()
  const pendingNotices = new Map<TaskId, RenewalEndReason>()
  const adoptedTasks = new Map<TaskId, WorkerName>()

  const stopKeeping = (taskId: TaskId): void => {
    stopFunctions.get(taskId)?.()
    stopFunctions.delete(taskId)
  }
  const keep = (claimed: ClaimedTask): void => {
    const { id } = claimed.task
    stopKeeping(id)
    pendingNotices.delete(id)
    adoptedTasks.delete(id)
    const onStopped = (reason: RenewalEndReason): void => {
      stopFunctions.delete(id)
      pendingNotices.set(id, reason)
    }
    stopFunctions.set(id, keeper.keep(claimed, onStopped))
    tokens.set(id, claimed.claim.token)
  }

  return {
    keep,
    adopt: (worker, state, now) => {
      for (const claimed of listLiveClaims(state, worker, now)) {
        keep(claimed)
        adoptedTasks.set(claimed.task.id, worker)
      }
    },
    findToken: taskId => tokens.get(taskId),
    drop: taskId => {
      adoptedTasks.delete(taskId)
      stopKeeping(taskId)
    },
    claimedTasks: (state, now) =>
      [...tokens]
        .filter(([id, token]) => {
          const claim = findTask(state, id)?.claim
          return claim !== undefined && claim.token === token && isLive(claim, now)
        })
        .map(([id]) => id),
    notices: state => {
      keeper.check(state)
      const endedClaims = removeFirst(pendingNotices, noticesMax)
      for (const [id] of endedClaims) adoptedTasks.delete(id)
      const adoptedClaims = removeFirst(adoptedTasks, noticesMax - endedClaims.length)
      return [
        ...endedClaims.map(([id, reason]) => endNotice(state, id, tokens.get(id), reason)),
        ...adoptedClaims.map(([id, worker]) => stillHeldNotice(id, worker)),
      ]
    },
    close: keeper.close,
  }
}

/** Per answer; the others follow with the next one. */
const noticesMax = 4

/** Removes the first entries of a map and returns them. */
const removeFirst = <K, V>(map: Map<K, V>, countMax: number): ReadonlyArray<readonly [K, V]> => {
  const first = [...map].slice(0, countMax)
  for (const [key] of first) map.delete(key)
  return first
}

const stillHeldNotice = (taskId: TaskId, worker: WorkerName): ClaimNotice => ({
  taskId,
  notice: 'still_held',
  message: `you are ${worker} and claimed it before this server started; it is renewed again. Continue or release it`,
})

const endNotice = (state: State, taskId: TaskId, token: number | undefined, reason: RenewalEndReason): ClaimNotice => {
  const task = findTask(state, taskId)
  if (reason === 'timed_out')
    return {
      taskId,
      notice: 'no_longer_renewed',
      message: `your claim reached --max-hold and is no longer renewed; its lease ends at ${toWallTime(task?.claim?.leaseUntil, state.clock) ?? 'once'}. renew_claim extends it`,
    }
  const holder = task?.claim?.token === token ? undefined : task?.claim
  return omitUndefined({
    taskId,
    notice: 'claim_lost',
    message:
      holder === undefined
        ? `your claim was ended by another process: the task is ${task?.status ?? 'gone'}. Stop the work on it`
        : `your lease expired, and ${holder.worker} claimed the task at ${holder.claimedAt}. Stop the work on it`,
    worker: holder?.worker,
    token: holder?.token,
  })
}
