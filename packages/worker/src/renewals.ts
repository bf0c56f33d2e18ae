import { timeToMs } from '@claimlog/domain'
import type { ClaimView } from '@claimlog/wire'
import { callIn } from './call-in.ts'

/** Renewals of one claim, each before its lease expires. */
export type Renewals = {
  /** Records the end of the lease after a renewal, also one by another process. */
  readonly note: (leaseUntil: string | null) => void
  /** Stops the renewals. */
  readonly end: () => void
  readonly hasEnded: () => boolean
}

/** A claim is renewed after this part of its remaining lease: two renewals may fail before it expires. */
const partOfLease = 1 / 3
/** Renewals are at least this far apart, or a third of a shorter lease. */
const spacingMinMs = 100
/** A failed renewal is retried after at most this time. */
const retryMs = 1000

/** The end of a lease, and the shortest time between renewals. */
type Lease = { readonly endMs: number; readonly spacingMinMs: number }

// A monotonic clock. The wall clock is read only when the end of a lease has moved, because the renewal has just
// written it to the log.
const nowMs = (): number => performance.now()

const leaseFor = (ms: number): Lease => ({
  endMs: nowMs() + ms,
  spacingMinMs: Math.min(spacingMinMs, ms * partOfLease),
})

/** Calls `renew`, which returns true if the claim was renewed, as often as is necessary for a claim that starts now. */
export const renewInTime = (
  { claimed_at: claimedAt, lease_until: leaseUntil }: ClaimView,
  renew: () => Promise<boolean>,
): Renewals => {
  let known = leaseUntil
  let lease = leaseUntil === null ? undefined : leaseFor(timeToMs(leaseUntil) - timeToMs(claimedAt))
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
      lease = until === null ? undefined : leaseFor(timeToMs(until) - Date.now())
    },
    end: () => {
      hasEnded = true
      timer?.cancel()
    },
    hasEnded: () => hasEnded,
  }
}
