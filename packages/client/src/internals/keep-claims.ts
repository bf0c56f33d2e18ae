import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type LeaseKeeper, keepLease, type LeaseKeeperOptions, watchClaims, WorkStopped } from '@claimlog/worker'
import type { ClaimedTask } from '@claimlog/wire'
import { type State, timeFromMs } from '@claimlog/domain'
import type { Failure } from '@claimlog/messages'
import type { LocalQueue } from '../local-queue.ts'

/** The reason why a claim is no longer renewed: it was lost, or the maximum time is over. */
export type NoLongerKept = 'lost' | 'timed_out'

/** The options to renew claims. */
export type KeepOptions = {
  /** The lease of each renewal; undefined: the lease of the task or the workspace. */
  readonly leaseMs: number | null | undefined
  /** The maximum time for which a claim is renewed, from the call of `keep`. */
  readonly maxHoldMs: number
}

/** Renews claims, each after a third of its lease, until they end. */
type ClaimKeeper = {
  /** Renews a claim until the returned function is called; `onStopped` is called once if the claim ends otherwise. */
  readonly keep: (claimed: ClaimedTask, stopped: (why: NoLongerKept) => void) => () => void
  /** Checks the claims against `state`. The keeper does so itself whenever the log grows. */
  readonly look: (state: State) => void
  /** Stops renewing: the claims last until their leases expire. */
  readonly close: () => void
}

/** Renews claims on tasks of `queue`, and detects claims that others ended. */
export const keepClaims = (queue: LocalQueue, { leaseMs, maxHoldMs }: KeepOptions): ClaimKeeper => {
  const holdings = new Set<LeaseKeeper>()
  const closing = new AbortController()
  void watchClaims(queue, holdings, closing.signal)
  return {
    keep: ({ task, claim }, stopped) => {
      // The rest of the lease counts from now: a claim that was renewed may be old.
      const asOfNow = { task, claim: { ...claim, claimed_at: timeFromMs(Date.now()) } }
      const renew: LeaseKeeperOptions<Failure>['renew'] = renewal =>
        pipe(
          queue.renew(renewal),
          TE.map(renewed => renewed.claim),
        )
      const unheard = { emit: nothing, onFailure: nothing, onDelay: nothing, onDefect: nothing }
      const kept = keepLease({ renew, query: queue.query, leaseMs, timeoutMs: maxHoldMs, ...unheard }, asOfNow)
      const end = (): void => {
        kept.end()
        holdings.delete(kept)
      }
      kept.context.signal.addEventListener('abort', () => {
        if (!holdings.has(kept)) return
        end()
        const why: unknown = kept.context.signal.reason
        if (why instanceof WorkStopped && why.stopped !== 'told') stopped(why.stopped)
      })
      holdings.add(kept)
      return end
    },
    look: state => {
      for (const each of holdings) each.check(state)
    },
    close: () => {
      closing.abort()
      for (const each of holdings) each.end()
      holdings.clear()
    },
  }
}

const nothing = (): void => undefined
