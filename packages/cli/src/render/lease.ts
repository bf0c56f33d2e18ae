import { formatDuration, timeToMs, toPrintable } from '@claimlog/client/unstable-internals'
import type { ClaimView } from '@claimlog/wire'
import { yellow } from './style.ts'

/** The holder of a claim and the time left: `docs-worker, 14m 59s left`. */
export const renderClaim = (claim: ClaimView, nowMs: number): string =>
  `${toPrintable(claim.worker)}, ${formatLeaseLeft(claim.leaseUntil, nowMs)}`

const formatLeaseLeft = (leaseUntil: string | null, nowMs: number): string => {
  if (leaseUntil === null) return 'no expiry'
  const leftMs = timeToMs(leaseUntil) - nowMs
  return leftMs > 0 ? `${formatDuration(leftMs)} left` : yellow(`expired ${formatDuration(-leftMs)} ago`)
}
