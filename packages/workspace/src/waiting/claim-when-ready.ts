import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  decide,
  type DecisionResult,
  timeToMs,
  type Refusal,
  type RefusalCode,
  type State,
  type Time,
  toWallTimeMs,
} from '@claimlog/domain'
import { whyView } from '@claimlog/wire'
import type { TransactFailure } from '@claimlog/event-log'
import { type Answer, commandSeen, type Order } from '../order.ts'
import type { Workspace } from '../workspace.ts'
import type { WaitFailure } from './wait-failure.ts'
import { type Look, type Waiting, waitUntil } from './wait-until.ts'

/** The command of a worker that requests a task. */
export type ClaimOrder = Extract<Order, { command: 'claim' }>

/** The refusals that time or other processes can lift. */
const passing: ReadonlySet<RefusalCode> = new Set([
  'no_ready_task',
  'task_held',
  'task_blocked',
  'not_due',
  'kind_paused',
  'kind_full',
  'already_claimed',
])

/** Ends the waiting early if it returns true. */
export type GiveUp = (state: State, now: Time) => boolean

/**
 * Claims as `input` requests; if nothing can be claimed now, waits until something can: until a lease expires, a task
 * is due or an event changes it. The lock is taken only if there is something to claim. `shouldStop` is called when
 * there is nothing: true ends the waiting with that refusal.
 */
export const claimWhenReady =
  (
    workspace: Workspace,
    order: ClaimOrder,
    waiting: Waiting,
    giveUp: GiveUp = () => false,
  ): TE.TaskEither<Refusal | TransactFailure | WaitFailure, Answer> =>
  async () => {
    type Failed = Refusal | TransactFailure | WaitFailure
    const glance = workspace.read((state, now): Glance => {
      const decided = decide(commandSeen(order, state, now), state)
      return {
        decided,
        againInMs: againInMs(state, now, order, decided),
        isOver: isRefused(decided) && giveUp(state, now),
      }
    })

    const look: TE.TaskEither<Failed, Look<Answer>> = async () => {
      for (;;) {
        const seen = await glance()
        if (E.isLeft(seen)) return seen
        const { decided, againInMs, isOver } = seen.right
        if (E.isLeft(decided))
          return isOver || !passing.has(decided.left.error) ? decided : E.right({ still: decided.left, againInMs })
        const claimed = await workspace.run(order, waiting.signal)()
        if (E.isRight(claimed)) return E.right({ found: claimed.right })
        // Another worker was faster, or only expired claims were recorded: check again.
        if (!('error' in claimed.left) || !passing.has(claimed.left.error)) return claimed
      }
    }
    return waitUntil(workspace.watch, look, waiting)()
  }

type Glance = { readonly decided: DecisionResult; readonly againInMs: number | undefined; readonly isOver: boolean }

const isRefused = (decided: DecisionResult): boolean => E.isLeft(decided)

/** Milliseconds after which time alone may have lifted a refusal. */
const againInMs = (state: State, now: Time, { taskId }: ClaimOrder, decided: DecisionResult): number | undefined => {
  if (E.isRight(decided)) return undefined
  const at = taskId === undefined ? nextAt(decided.left) : firstClearing(state, taskId, now)
  // Both are times of the wall clock.
  return at === undefined ? undefined : timeToMs(at) - toWallTimeMs(state, now)
}

const nextAt = (refusal: Refusal): Time | undefined =>
  refusal.error === 'no_ready_task' ? refusal.waiting.nextAt : undefined

/** The first time at which one of the task's guards ends by itself. */
const firstClearing = (state: State, taskId: string, now: Time): Time | undefined => {
  const why = whyView(state, taskId, now)
  if (E.isLeft(why)) return undefined
  return why.right.guards.flatMap(({ until }) => until ?? []).sort()[0]
}
