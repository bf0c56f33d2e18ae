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
import { type CommandResult, toCommandAtTime, type CommandInput } from '../command-input.ts'
import type { Workspace } from '../workspace.ts'
import type { WaitFailure } from './wait-failure.ts'
import { type WaitCheck, type WaitLimits, waitUntil } from './wait-until.ts'

/** The command of a worker that requests a task. */
export type ClaimInput = Extract<CommandInput, { command: 'claim' }>

/** The refusals that time or other processes can lift. */
const temporaryRefusals: ReadonlySet<RefusalCode> = new Set([
  'no_ready_task',
  'task_held',
  'task_blocked',
  'not_due',
  'kind_paused',
  'kind_full',
  'already_claimed',
])

/** Ends the waiting early if it returns true. */
export type ShouldStopWaiting = (state: State, now: Time) => boolean

/**
 * Claims as `input` requests; if nothing can be claimed now, waits until something can: until a lease expires, a task
 * is due or an event changes it. The lock is taken only if there is something to claim. `shouldStop` is called when
 * there is nothing: true ends the waiting with that refusal.
 */
export const claimWhenReady =
  (
    workspace: Workspace,
    input: ClaimInput,
    limits: WaitLimits,
    shouldStop: ShouldStopWaiting = () => false,
  ): TE.TaskEither<Refusal | TransactFailure | WaitFailure, CommandResult> =>
  async () => {
    type ClaimWaitFailure = Refusal | TransactFailure | WaitFailure
    const queryClaim = workspace.query((state, now): ClaimQuery => {
      const decision = decide(toCommandAtTime(input, state, now), state)
      return {
        decision,
        recheckMs: recheckMs(state, now, input, decision),
        mustStop: isRefused(decision) && shouldStop(state, now),
      }
    })

    const check: TE.TaskEither<ClaimWaitFailure, WaitCheck<CommandResult>> = async () => {
      for (;;) {
        const queryResult = await queryClaim()
        if (E.isLeft(queryResult)) return queryResult
        const { decision, recheckMs, mustStop } = queryResult.right
        if (E.isLeft(decision))
          return mustStop || !temporaryRefusals.has(decision.left.error)
            ? decision
            : E.right({ still: decision.left, recheckMs })
        const claimResult = await workspace.run(input, limits.signal)()
        if (E.isRight(claimResult)) return E.right({ value: claimResult.right })
        // Another worker was faster, or only expired claims were recorded: check again.
        if (!('error' in claimResult.left) || !temporaryRefusals.has(claimResult.left.error)) return claimResult
      }
    }
    return waitUntil(workspace.watch, check, limits)()
  }

type ClaimQuery = {
  readonly decision: DecisionResult
  readonly recheckMs: number | undefined
  readonly mustStop: boolean
}

const isRefused = (decision: DecisionResult): boolean => E.isLeft(decision)

/** Milliseconds after which time alone may have lifted a refusal. */
const recheckMs = (state: State, now: Time, { taskId }: ClaimInput, decision: DecisionResult): number | undefined => {
  if (E.isRight(decision)) return undefined
  const readyAt = taskId === undefined ? nextReadyTime(decision.left) : firstGuardEnd(state, taskId, now)
  // Both are times of the wall clock.
  return readyAt === undefined ? undefined : timeToMs(readyAt) - toWallTimeMs(state, now)
}

const nextReadyTime = (refusal: Refusal): Time | undefined =>
  refusal.error === 'no_ready_task' ? refusal.waiting.nextAt : undefined

/** The first time at which one of the task's guards ends by itself. */
const firstGuardEnd = (state: State, taskId: string, now: Time): Time | undefined => {
  const why = whyView(state, taskId, now)
  if (E.isLeft(why)) return undefined
  return why.right.guards.flatMap(({ until }) => until ?? []).sort()[0]
}
