import { formatDuration, msOf, printable } from '@claimlog/client/unstable-internals'
import type { ClaimView } from '@claimlog/wire'
import { yellow } from './style.ts'

/** Who holds a task and for how long yet: `docs-worker, 14m 59s left`. */
export const renderClaim = (claim: ClaimView, nowMs: number): string =>
  `${printable(claim.worker)}, ${leaseLeft(claim.lease_until, nowMs)}`

const leaseLeft = (leaseUntil: string | null, nowMs: number): string => {
  if (leaseUntil === null) return 'no end'
  const leftMs = msOf(leaseUntil) - nowMs
  return leftMs > 0 ? `${formatDuration(leftMs)} left` : yellow(`lapsed ${formatDuration(-leftMs)} ago`)
}
