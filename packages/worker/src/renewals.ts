import { msOf } from '@claimlog/domain'
import type { ClaimView } from '@claimlog/wire'

/** Renewals of one claim, each in time before its lease ends. */
export type Renewals = {
  /** A renewal, also one of others, was answered with this end of the lease. */
  readonly note: (leaseUntil: string | null) => void
  /** There are no more. */
  readonly end: () => void
  readonly hasEnded: () => boolean
}

/** A claim is renewed after this part of what is left of its lease: two renewals may fail before it ends. */
const partOfLease = 1 / 3
/** Renewals are at least this far apart, or a third of a shorter lease. */
const spacingMs = 100
/** One that failed is tried again after this at the latest. */
const retryMs = 1000
/** A timer that is to wait longer ends at once. */
const timerMaxMs = 2 ** 31 - 1

/** How much of a lease is left. `spacingMs`: how far apart its renewals are at least. */
type Lease = { readonly endMs: number; readonly spacingMs: number }

// Time passes here on a clock that nobody sets. The wall clock is asked only when the end of a lease has moved, as the
// renewal has just put it on the log.
const nowMs = (): number => performance.now()

const leaseFor = (ms: number): Lease => ({ endMs: nowMs() + ms, spacingMs: Math.min(spacingMs, ms * partOfLease) })

/** Calls `renew`, which says whether the claim was renewed, as often as a claim needs it that begins now. */
export const renewInTime = (
  { claimed_at: claimedAt, lease_until: leaseUntil }: ClaimView,
  renew: () => Promise<boolean>,
): Renewals => {
  let known = leaseUntil
  let lease = leaseUntil === null ? undefined : leaseFor(msOf(leaseUntil) - msOf(claimedAt))
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false

  const dueInMs = ({ endMs, spacingMs: leastMs }: Lease): number =>
    Math.min(timerMaxMs, Math.max(leastMs, (endMs - nowMs()) * partOfLease))
  const renewIn = (ms: number): void => {
    timer = setTimeout(() => void renewAgain(), ms)
  }
  const renewAgain = async (): Promise<void> => {
    const isRenewed = await renew()
    if (hasEnded || lease === undefined) return
    renewIn(isRenewed ? dueInMs(lease) : Math.min(retryMs, Math.max(spacingMs, dueInMs(lease))))
  }
  if (lease !== undefined) renewIn(dueInMs(lease))

  return {
    note: until => {
      if (until === known) return
      known = until
      lease = until === null ? undefined : leaseFor(msOf(until) - Date.now())
    },
    end: () => {
      hasEnded = true
      clearTimeout(timer)
    },
    hasEnded: () => hasEnded,
  }
}
