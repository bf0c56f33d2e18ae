import { monotonicMs } from '../connect/connection.ts'
import type { TurnRequest } from '../connect/statements.ts'
import type { ServerContext } from '../log-context.ts'
import type { AppendOutcome } from './append.ts'

/**
 * The turns of this process to append. Of two appends at the same end of the log one has no success, and costs both sides
 * as much as the other. So processes that get in each other's way take turns of some milliseconds, in the order in
 * which they asked, by a lock on the server:
 *
 * ```
 *   append ──► others were faster ──► take a turn ──► append, append, … ──► pass it on, and wait for the next one
 *                                                     └── no call follows: release it
 * ```
 *
 * The lock belongs to a session. It is for fairness and speed only: if a turn gets lost, an append costs more time.
 */
export type Turn = {
  /** Returns how the next append treats turns. */
  readonly request: () => TurnRequest
  /** Notes the answer to that append. */
  readonly note: (outcome: AppendOutcome) => void
  /** No call is left: releases the turn, at once unless a call is expected to follow. */
  readonly rest: () => void
}

/**
 * Longer turns are less work for all, as each begins with reading what the others wrote, and a longer wait: that of one
 * among eight for all the others. Turns that adapt to the wait are not the same for all, and then nor is the work done.
 */
const turnMs = 10
/** A call that comes so soon after the last answer is one of many, and the next one is waited for as long. */
const followMs = 1

export const createTurn = ({ connection, sql, usesTurns }: ServerContext): Turn => {
  let hasTurn = false
  let endMs = 0
  /** True if others appended while this process did not have the turn. */
  let isContended = false
  /** When the last call was answered; undefined: one is not answered yet. */
  let restMs: number | undefined
  let isBusy = false
  let timer: NodeJS.Timeout | undefined

  const release = (): void => {
    if (!hasTurn) return
    hasTurn = false
    void connection.send(sql.releaseTurn())
  }
  const chooseRequest = (): TurnRequest => {
    if (!hasTurn) return isContended ? 'take' : 'if_needed'
    if (monotonicMs() < endMs) return 'keep'
    if (isContended) return 'pass_on'
    release()
    return 'if_needed'
  }

  return {
    request: () => {
      if (!usesTurns) return 'never'
      clearTimeout(timer)
      if (restMs !== undefined) isBusy = monotonicMs() - restMs < followMs
      // Others have had time to finish: to take a turn first would always lose against a process that does not.
      if (restMs !== undefined && !isBusy) isContended = false
      restMs = undefined
      return chooseRequest()
    },
    note: outcome => {
      if (!usesTurns) return
      if (outcome._tag === 'Failed') {
        // Perhaps it began all the same.
        hasTurn = true
        release()
        return
      }
      const isConflict = outcome._tag === 'Conflict'
      if (outcome.hasTurn) endMs = monotonicMs() + turnMs
      // A conflict during a turn: it was lost, together with its session.
      hasTurn = outcome.hasTurn || (hasTurn && !isConflict)
      if (outcome.hasTurn || isConflict) isContended = isConflict
    },
    rest: () => {
      restMs = monotonicMs()
      if (!hasTurn) return
      if (isBusy) timer = setTimeout(release, followMs)
      else release()
    },
  }
}
