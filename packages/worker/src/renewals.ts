import { msOf } from '@claimlog/domain'
import type { ClaimView } from '@claimlog/wire'
import { callIn } from './call-in.ts'

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
const spacingMinMs = 100
/** One that failed is tried again after this at the latest. */
const retryMs = 1000

/** When a lease ends, and how far apart its renewals are at least. */
type Lease = { readonly endMs: number; readonly spacingMinMs: number }

// Time passes here on a clock that nobody sets. The wall clock is asked only when the end of a lease has moved, as the
// renewal has just put it on the log.
const nowMs = (): number => performance.now()

const leaseFor = (ms: number): Lease => ({
  endMs: nowMs() + ms,
  spacingMinMs: Math.min(spacingMinMs, ms * partOfLease),
})

/** Calls `renew`, which says whether the claim was renewed, as often as a claim needs it that begins now. */
export const renewInTime = (
  { claimed_at: claimedAt, lease_until: leaseUntil }: ClaimView,
  renew: () => Promise<boolean>,
): Renewals => {
  let known = leaseUntil
  let lease = leaseUntil === null ? undefined : leaseFor(msOf(leaseUntil) - msOf(claimedAt))
  let timer: ReturnType<typeof callIn> | undefined
  let hasEnded = false

  const dueInMs = (current: Lease): number => Math.max(current.spacingMinMs, (current.endMs - nowMs()) * partOfLease)
  const renewIn = (ms: number): void => {
    timer = callIn(ms, () => void renewAgain())
  }
  const renewAgain = async (): Promise<void> => {
    const isRenewed = await renew()
    if (hasEnded || lease === undefined) return
    renewIn(isRenewed ? dueInMs(lease) : Math.min(retryMs, Math.max(spacingMinMs, dueInMs(lease))))
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
      timer?.cancel()
    },
    hasEnded: () => hasEnded,
  }
}
