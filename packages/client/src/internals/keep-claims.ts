import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Holding, holding, type HoldingOptions, watchHoldings, WorkStopped } from '@claimlog/worker'
import type { ClaimedTask } from '@claimlog/wire'
import { type State, timeOf } from '@claimlog/domain'
import type { Failure } from '@claimlog/messages'
import type { LocalQueue } from '../local-queue.ts'

/** Why a claim is no longer kept: it is over, or it was kept for as long as it may be. */
export type NoLongerKept = 'lost' | 'timed_out'

/** How claims are kept. */
export type KeepOptions = {
  /** How long each renewal makes a claim last; undefined: as the task or the workspace says. */
  readonly leaseMs: number | null | undefined
  /** For so long a claim is renewed, counted from when it was given to be kept. */
  readonly maxHoldMs: number
}

/** Keeps claims alive: each is renewed by a third of its lease, and others may end it. */
type ClaimKeeper = {
  /** Keeps a claim from now on, until the answer is called; `stopped` is told once if it ends otherwise. */
  readonly keep: (claimed: ClaimedTask, stopped: (why: NoLongerKept) => void) => () => void
  /** Looks whether the claims are still there, as `state` has them; the keeper does so itself whenever the log has grown. */
  readonly look: (state: State) => void
  /** Keeps nothing any more: the claims last until their leases end. */
  readonly close: () => void
}

/** Keeps claims on tasks of `queue`, and watches what others do to them. */
export const keepClaims = (queue: LocalQueue, { leaseMs, maxHoldMs }: KeepOptions): ClaimKeeper => {
  const holdings = new Set<Holding>()
  const closing = new AbortController()
  void watchHoldings(queue, holdings, closing.signal)
  return {
    keep: ({ task, claim }, stopped) => {
      // What is left of the lease counts from now: a claim that was renewed was made long ago.
      const asOfNow = { task, claim: { ...claim, claimed_at: timeOf(Date.now()) } }
      const renew: HoldingOptions<Failure>['renew'] = renewal =>
        pipe(
          queue.renew(renewal),
          TE.map(renewed => renewed.claim),
        )
      const unheard = { emit: nothing, failed: nothing, delayed: nothing, threw: nothing }
      const kept = holding({ renew, query: queue.query, leaseMs, timeoutMs: maxHoldMs, ...unheard }, asOfNow)
      const end = (): void => {
        kept.end()
        holdings.delete(kept)
      }
      kept.held.signal.addEventListener('abort', () => {
        if (!holdings.has(kept)) return
        end()
        const why: unknown = kept.held.signal.reason
        if (why instanceof WorkStopped && why.stopped !== 'told') stopped(why.stopped)
      })
      holdings.add(kept)
      return end
    },
    look: state => {
      for (const each of holdings) each.look(state)
    },
    close: () => {
      closing.abort()
      for (const each of holdings) each.end()
      holdings.clear()
    },
  }
}

const nothing = (): void => undefined
