import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClaimView, TaskView } from '@claimlog/wire'
import { type LeaseKeeper, keepLease, type LeaseKeeperOptions } from './lease-keeper.ts'

/** The time of each claim in these tests. */
const claimedAtMs = Date.UTC(2026, 2, 1)
const isoTime = (ms: number): string => new Date(ms).toISOString()

const task = { id: 't', kind: 'docs', status: 'ready' } as TaskView
const claimWithLease = (leaseUntil: string | null): ClaimView => ({
  ...{ task_id: 't', worker: 'ann', token: 2, attempt: 1 },
  claimedAt: isoTime(claimedAtMs),
  leaseUntil,
})

const callbacks = (): Omit<LeaseKeeperOptions<never>, 'renew'> => ({
  now: Date.now,
  query: () => TE.right(undefined),
  emit: vi.fn(),
  onFailure: vi.fn(),
  onDelay: vi.fn(),
  onDefect: vi.fn(),
})

type KeptClaim = {
  readonly keeper: LeaseKeeper
  /** The lease according to the log, and the time of each renewal, in milliseconds since the claim. */
  readonly lease: () => number | null
  readonly renewedAtMs: ReadonlyArray<number>
}

/**
 * A claim whose lease expires in `remainingMs` (null: never), and which each renewal extends to `renewedForMs` from
 * then, if that is longer, as the rules do. An expired lease is not renewed.
 */
const keepClaim = (remainingMs: number | null, renewedForMs: number | null, now = Date.now): KeptClaim => {
  let leaseUntilMs = remainingMs === null ? null : claimedAtMs + remainingMs
  const renewedAtMs: Array<number> = []
  const claim = (): ClaimView => claimWithLease(leaseUntilMs === null ? null : isoTime(leaseUntilMs))
  const renew = (): TE.TaskEither<never, ClaimView> => async () => {
    const nowMs = now()
    renewedAtMs.push(nowMs - claimedAtMs)
    if (leaseUntilMs !== null)
      leaseUntilMs = renewedForMs === null ? null : Math.max(leaseUntilMs, nowMs + renewedForMs)
    return E.right(claim())
  }
  const keeper = keepLease({ ...callbacks(), now, renew }, { task, claim: claim() })
  return { keeper, lease: () => (leaseUntilMs === null ? null : leaseUntilMs - claimedAtMs), renewedAtMs }
}

describe('a claim that a worker keeps', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: claimedAtMs, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([
    ['the same length', 60_000],
    ['a quarter of it', 15_000],
    ['a hundredth of it', 600],
    ['ten times it', 600_000],
  ])('is renewed before its lease of a minute expires, if renewals last for %s', async (_, renewedForMs) => {
    const { keeper, lease } = keepClaim(60_000, renewedForMs)
    for (let second = 1; second <= 600; second += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      expect(lease()).toBeGreaterThan(second * 1000)
    }
    keeper.end()
  })

  it.each([-5, 0, 1, 3000])(
    'that started with %s ms left is renewed after a third of the renewed lease, not of the remaining one',
    async remainingMs => {
      const { keeper, lease, renewedAtMs } = keepClaim(remainingMs, 900_000)
      await vi.advanceTimersByTimeAsync(3_600_000)
      expect(renewedAtMs.length).toBeLessThanOrEqual(1 + 3_600_000 / 300_000)
      expect(lease()).toBeGreaterThan(3_600_000)
      keeper.end()
    },
  )

  it.each([-20, 20])('is renewed by the clock of its log if that of its machine is %s minutes ahead', async minutes => {
    vi.setSystemTime(claimedAtMs + minutes * 60_000)
    const { keeper, lease } = keepClaim(60_000, 15_000, () => Date.now() - minutes * 60_000)
    for (let second = 1; second <= 120; second += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      expect(lease()).toBeGreaterThan(second * 1000)
    }
    keeper.end()
  })

  it('is renewed in time if it is an old one that was renewed before', async () => {
    const { keeper, renewedAtMs } = keepClaim(60_000, 60_000, () => Date.now())
    const old = { ...claimWithLease(isoTime(claimedAtMs + 60_000)), claimedAt: isoTime(claimedAtMs - 3_600_000) }
    const oldRenewedAtMs: Array<number> = []
    const renew = (): TE.TaskEither<never, ClaimView> => async () => {
      oldRenewedAtMs.push(Date.now() - claimedAtMs)
      return E.right({ ...old, leaseUntil: isoTime(Date.now() + 60_000) })
    }
    const oldKeeper = keepLease({ ...callbacks(), renew }, { task, claim: old })
    await vi.advanceTimersByTimeAsync(120_000)
    expect(oldRenewedAtMs).toEqual(renewedAtMs)
    expect(oldRenewedAtMs[0]).toBe(20_000)
    keeper.end()
    oldKeeper.end()
  })

  it('is renewed again soon after a renewal threw', async () => {
    let renewals = 0
    const renew = (): TE.TaskEither<never, ClaimView> => async () => {
      renewals += 1
      throw new Error('a defect')
    }
    const onDefect = vi.fn()
    const claim = claimWithLease(isoTime(claimedAtMs + 60_000))
    const keeper = keepLease({ ...callbacks(), renew, onDefect }, { task, claim })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(renewals).toBeGreaterThan(20)
    expect(onDefect).toHaveBeenCalledTimes(renewals)
    keeper.end()
  })

  it('without an end is never renewed, and not after a renewal removed the end', async () => {
    const endless = keepClaim(null, 60_000)
    const untilRenewed = keepClaim(60_000, null)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect([endless.renewedAtMs, untilRenewed.renewedAtMs]).toEqual([[], [20_000]])
  })

  it('is renewed in time also if the wall clock is set meanwhile', async () => {
    const { keeper, renewedAtMs } = keepClaim(60_000, 1000)
    await vi.advanceTimersByTimeAsync(10_000)
    vi.setSystemTime(claimedAtMs - 3_600_000)
    await vi.advanceTimersByTimeAsync(49_000)
    // Renewed after a third of the remaining lease: after 20, 33.3, 42.2, 48.1, 52.1, 54.7, 56.5, 57.7, 58.4 and 59
    // seconds.
    expect(renewedAtMs.length).toBeGreaterThanOrEqual(9)
    keeper.end()
  })
})
