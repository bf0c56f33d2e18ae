import {
  countFinished,
  type OpenKindCounts,
  toWallTime,
  countOpenByKind,
  type State,
  type TaskId,
  taskPage,
  type Time,
} from '@claimlog/client/unstable-internals'
import { takeBytes } from '../answer.ts'

/** A short summary of the workspace. */
export type AgentStatus = {
  readonly seq: number
  readonly counts: ReadonlyArray<OpenKindCounts>
  readonly finished: number
  readonly claims: ReadonlyArray<{
    readonly task_id: TaskId
    readonly worker: string
    readonly lease_until: Time | null
  }>
  readonly truncated: boolean
}

const countsBytesMax = 3500
const claimsBytesMax = 3500
const claimsMax = 100

/** Counts the open tasks by status and lists the claims at `now`. */
export const readAgentStatus = (state: State, now: Time): AgentStatus => {
  const allCounts = countOpenByKind(state, now)
  const page = taskPage(state, { status: 'claimed', pageSize: claimsMax }, now)
  const allClaims = page.tasks.flatMap(({ task: { id, claim } }) =>
    claim === undefined
      ? []
      : [{ task_id: id, worker: claim.worker, lease_until: toWallTime(claim.leaseUntil, state.clock) }],
  )
  const counts = takeBytes(allCounts, countsBytesMax)
  const claims = takeBytes(allClaims, claimsBytesMax)
  const truncated = page.more || counts.length < allCounts.length || claims.length < allClaims.length
  return { seq: state.seq, counts, finished: countFinished(state), claims, truncated }
}
