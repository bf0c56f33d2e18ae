import * as E from 'fp-ts/lib/Either.js'
import { CheckpointDamaged, isCheckpointDamage } from '@claimlog/checkpoint/damage'
import { decide, type Event, type Refusal } from '@claimlog/domain'
import type { EventLog, Follower } from '@claimlog/event-log'
import { answerOf, type Deciding } from './answer.ts'
import type { Checkpointing } from './checkpointing.ts'
import type { CurrentState } from './current-state.ts'
import type { Clock } from './machine-clock.ts'
import { commandAt, type Order } from './order.ts'
import type { Permit } from './waiting/until-aborted.ts'
import type { Aborted } from './waiting/wait-failure.ts'

/** What the log's transactions are given: the state that follows it, and the rules that decide on it. */
export type Decider = {
  readonly follower: Follower<Event>
  /** Throws `CheckpointDamaged` where the state cannot be decided on before it was read anew. */
  readonly decideOn: (order: Order, permit: Permit | undefined) => E.Either<Refusal | Aborted, Deciding>
}

/** Decides on `current`, and reads the clocks under the lock: a command that waited for it for long is decided as of now. Nothing is added to it, and nothing decided on it, while it is read anew after damage. */
export const deciderOn = (
  log: Pick<EventLog<Event>, 'bookmark'>,
  current: CurrentState,
  keeping: Pick<Checkpointing, 'isStarted'>,
  clock: Clock,
): Decider => {
  const { get: state } = current
  let deciding: Deciding | undefined
  return {
    follower: {
      get seq() {
        return keeping.isStarted() ? state().seq : log.bookmark().seq
      },
      take: (events, addresses) => {
        if (!keeping.isStarted()) return
        try {
          current.take(events, addresses)
          // The answer shows the tasks as this command left them, before another one can change them.
          if (deciding !== undefined && state().seq === deciding.lastSeq)
            deciding.answer = answerOf(state(), deciding.decision)
        } catch (thrown) {
          // What was appended must be synced and answered: the answer is then told from the log.
          if (!isCheckpointDamage(thrown) || deciding?.events !== events) throw thrown
        }
      },
    },
    decideOn: (order, permit) => {
      deciding = undefined
      if (!keeping.isStarted()) throw new CheckpointDamaged('the state is being read anew')
      const aborted = permit?.use()
      if (aborted !== undefined) return E.left(aborted)
      const decided = decide(state(), commandAt(order, clock()))
      if (E.isLeft(decided)) return decided
      const { events } = decided.right
      deciding = { events, decision: decided.right, lastSeq: events.at(-1)?.seq ?? 0, answer: undefined }
      if (events.length === 0 && decided.right.repeats === undefined) deciding.answer = answerOf(state(), decided.right)
      return E.right(deciding)
    },
  }
}
