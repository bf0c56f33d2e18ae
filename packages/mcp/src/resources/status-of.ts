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
import { withinBytes } from '../answer.ts'

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

const bytesOfCounts = 3500
const bytesOfClaims = 3500
const mostClaims = 100

/** Counts the open tasks by status and lists the claims at `now`. */
export const statusOf = (state: State, now: Time): AgentStatus => {
  const counted = countOpenByKind(state, now)
  const page = taskPage(state, { status: 'claimed', pageSize: mostClaims }, now)
  const held = page.tasks.flatMap(({ task: { id, claim } }) =>
    claim === undefined
      ? []
      : [{ task_id: id, worker: claim.worker, lease_until: toWallTime(claim.leaseUntil, state.clock) }],
  )
  const counts = withinBytes(counted, bytesOfCounts)
  const claims = withinBytes(held, bytesOfClaims)
  const truncated = page.more || counts.length < counted.length || claims.length < held.length
  return { seq: state.seq, counts, finished: countFinished(state), claims, truncated }
}
