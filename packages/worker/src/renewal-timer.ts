import { timeToMs } from '@claimlog/domain'
import { startTimer } from './long-timer.ts'

/** Renewals of one claim, each before its lease expires. */
export type RenewalTimer = {
  /** Records the end of the lease after a renewal, also one by another process. */
  readonly recordLease: (leaseUntil: string | null) => void
  /** Stops the renewals. */
  readonly end: () => void
  readonly hasEnded: () => boolean
}

/** A claim is renewed after this part of its remaining lease: two renewals may fail before it expires. */
const renewalShare = 1 / 3
/** Renewals are at least this far apart, or a third of a shorter lease. */
const spacingMinMs = 100
/** A failed renewal is retried after at most this time. */
const retryMs = 1000

/** The end of a lease, and the shortest time between renewals. */
type LeaseTimes = { readonly endMs: number; readonly spacingMinMs: number }

// A monotonic clock. The time of the log is read only when a claim begins and when the end of its lease has moved, as
// the log has just answered with it.
const nowMs = (): number => performance.now()

const toLeaseTimes = (ms: number): LeaseTimes => ({
  endMs: nowMs() + ms,
  spacingMinMs: Math.min(spacingMinMs, ms * renewalShare),
})

/**
 * Calls `renew`, which returns true if the claim was renewed, as often as is necessary for a claim whose lease ends at
 * `leaseUntil`, by the clock `logNow` of the log.
 */
export const scheduleRenewals = (
  leaseUntil: string | null,
  logNow: () => number,
  renew: () => Promise<boolean>,
): RenewalTimer => {
  const readLease = (until: string | null): LeaseTimes | undefined =>
    until === null ? undefined : toLeaseTimes(timeToMs(until) - logNow())
  let lastLeaseUntil = leaseUntil
  let lease = readLease(leaseUntil)
  let timer: ReturnType<typeof startTimer> | undefined
  let hasEnded = false

  const renewalDelayMs = (current: LeaseTimes): number =>
    Math.max(current.spacingMinMs, (current.endMs - nowMs()) * renewalShare)
  const scheduleRenewal = (ms: number): void => {
    timer = startTimer(ms, () => void runRenewal())
  }
  const runRenewal = async (): Promise<void> => {
    const isRenewed = await renew()
    if (hasEnded || lease === undefined) return
    scheduleRenewal(
      isRenewed ? renewalDelayMs(lease) : Math.min(retryMs, Math.max(spacingMinMs, renewalDelayMs(lease))),
    )
  }
  if (lease !== undefined) scheduleRenewal(renewalDelayMs(lease))

  return {
    recordLease: nextLeaseUntil => {
      if (nextLeaseUntil === lastLeaseUntil) return
      lastLeaseUntil = nextLeaseUntil
      lease = readLease(nextLeaseUntil)
    },
    end: () => {
      hasEnded = true
      timer?.cancel()
    },
    hasEnded: () => hasEnded,
  }
}
