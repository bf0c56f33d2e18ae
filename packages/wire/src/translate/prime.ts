import {
  type OpenClaim as Claim,
  type OtherHolder as Holder,
  type PrimeQuery,
  primeWorker,
  type ReadyKind as Kind,
  type State,
  type Time,
} from '@claimlog/domain'
import { omitUndefined } from '@claimlog/codecs'
import type { OpenClaimView, OtherHolderView, PrimeView, ReadyKindView } from '../documents/prime.ts'

/** Builds the briefing that a worker needs to start, or to continue after its context was lost. */
export const primeView = (state: State, query: PrimeQuery, now: Time): PrimeView => {
  const { worker, claims, openClaims, claimsOfOthers, others, kinds, kindsWithWork, truncated, seq } = primeWorker(
    state,
    query,
    now,
  )
  return omitUndefined({
    worker,
    claims: claims.map(openClaim),
    open_claims: openClaims,
    claims_of_others: claimsOfOthers,
    others: others?.map(otherHolder),
    kinds: kinds.map(readyKind),
    kinds_with_work: kindsWithWork,
    truncated,
    seq,
  })
}

const openClaim = ({ taskId, title, kind, worker, token, leaseUntil, lapsed }: Claim): OpenClaimView =>
  omitUndefined({ task_id: taskId, title, kind, worker, token, lease_until: leaseUntil, lapsed })

const otherHolder = ({ worker, claims, taskId, vacant }: Holder): OtherHolderView =>
  omitUndefined({ worker, claims, task_id: taskId, vacant })

const readyKind = ({ kind, ready, closed, tasks }: Kind): ReadyKindView =>
  omitUndefined({
    kind,
    ready,
    closed,
    tasks: tasks.map(({ taskId, title }) => omitUndefined({ task_id: taskId, title })),
  })
