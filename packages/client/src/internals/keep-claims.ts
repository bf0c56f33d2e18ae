import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type LeaseKeeper, keepLease, type LeaseKeeperOptions, watchClaims, WorkStopped } from '@claimlog/worker'
import type { ClaimedTask } from '@claimlog/wire'
import type { State } from '@claimlog/domain'
import type { Failure } from '@claimlog/messages'
import type { LocalQueue } from '../local-queue.ts'

/** The reason why a claim is no longer renewed: it was lost, or the maximum time is over. */
export type RenewalEndReason = 'lost' | 'timed_out'

/** The options to renew claims. */
export type KeepClaimsOptions = {
  /** The lease of each renewal; undefined: the lease of the task or the workspace. */
  readonly leaseMs: number | null | undefined
  /** The maximum time for which a claim is renewed, from the call of `keep`. */
  readonly renewMsMax: number
}

/** Renews claims, each after a third of its lease, until they end. */
type ClaimKeeper = {
  /** Renews a claim until the returned function is called; `onStopped` is called once if the claim ends otherwise. */
  readonly keep: (claimed: ClaimedTask, onStopped: (reason: RenewalEndReason) => void) => () => void
  /** Checks the claims against `state`. The keeper does so itself whenever the log grows. */
  readonly check: (state: State) => void
  /** Stops renewing: the claims last until their leases expire. */
  readonly close: () => void
}

/** Renews claims on tasks of `queue`, and detects claims that others ended. */
export const keepClaims = (queue: LocalQueue, { leaseMs, renewMsMax }: KeepClaimsOptions): ClaimKeeper => {
  const leaseKeepers = new Set<LeaseKeeper>()
  const abortController = new AbortController()
  void watchClaims(queue, leaseKeepers, abortController.signal)
  return {
    keep: (claimed, onStopped) => {
      const renew: LeaseKeeperOptions<Failure>['renew'] = renewal =>
        pipe(
          queue.renew(renewal),
          TE.map(renewed => renewed.claim),
        )
      const noListeners = { emit: noop, onFailure: noop, onDelay: noop, onDefect: noop }
      const leaseKeeper = keepLease(
        { renew, query: queue.query, now: queue.now, leaseMs, timeoutMs: renewMsMax, ...noListeners },
        claimed,
      )
      const end = (): void => {
        leaseKeeper.end()
        leaseKeepers.delete(leaseKeeper)
      }
      leaseKeeper.context.signal.addEventListener('abort', () => {
        if (!leaseKeepers.has(leaseKeeper)) return
        end()
        const reason: unknown = leaseKeeper.context.signal.reason
        if (reason instanceof WorkStopped && reason.stopped !== 'stopped') onStopped(reason.stopped)
      })
      leaseKeepers.add(leaseKeeper)
      return end
    },
    check: state => {
      for (const keeper of leaseKeepers) keeper.check(state)
    },
    close: () => {
      abortController.abort()
      for (const keeper of leaseKeepers) keeper.end()
      leaseKeepers.clear()
    },
  }
}

const noop = (): void => undefined
