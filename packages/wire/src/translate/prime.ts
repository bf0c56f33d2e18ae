import {
  type OpenClaim,
  type OtherHolder,
  type PrimeQuery,
  primeWorker,
  type ReadyKind,
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
    claims: claims.map(openClaimView),
    openClaims,
    claimsOfOthers,
    others: others?.map(otherHolderView),
    kinds: kinds.map(readyKindView),
    kindsWithWork,
    truncated,
    seq,
  })
}

const openClaimView = ({ taskId, title, kind, worker, token, leaseUntil, lapsed }: OpenClaim): OpenClaimView =>
  omitUndefined({ taskId, title, kind, worker, token, leaseUntil, lapsed })

const otherHolderView = ({ worker, claims, taskId, vacant }: OtherHolder): OtherHolderView =>
  omitUndefined({ worker, claims, taskId, vacant })

const readyKindView = ({ kind, ready, closed, tasks }: ReadyKind): ReadyKindView =>
  omitUndefined({
    kind,
    ready,
    closed,
    tasks: tasks.map(({ taskId, title }) => omitUndefined({ taskId, title })),
  })
