import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { CheckpointDamaged, isCheckpointDamage } from '@claimlog/checkpoint/damage'
import { decide, type Decision, type Event, type Refusal } from '@claimlog/domain'
import { closed, type EventLog, type LifeCycle, type TransactFailure } from '@claimlog/event-log'
import type { QueueFileWriter } from '@claimlog/queue-file'
import type { Checkpointing } from './checkpointing.ts'
import type { CurrentState } from './current-state.ts'
import { firstAnswer } from './first-answer.ts'
import type { Clock } from './machine-clock.ts'
import { type Answer, answerFromLog, answerOf, commandAt, type Order } from './order.ts'
import { type Permit, untilAborted } from './waiting/until-aborted.ts'
import type { Aborted } from './waiting/wait-failure.ts'

/** Carries out one command. */
export type Run = {
  (order: Order): TE.TaskEither<Refusal | TransactFailure, Answer>
  (order: Order, signal: AbortSignal | undefined): TE.TaskEither<Refusal | TransactFailure | Aborted, Answer>
}

/** What commands run on. */
export type Running = {
  readonly log: EventLog<Event>
  /** The same log, in which reading gives up when `life` is overdue. */
  readonly logUntilOverdue: EventLog<Event>
  readonly life: LifeCycle
  readonly current: CurrentState
  readonly keeping: Checkpointing
  readonly clock: Clock
  readonly beforeCommand?: () => void
  readonly queueFile?: QueueFileWriter
  /** Brings `queue.json` up to date where nothing has changed by us. */
  readonly refreshQueueFile: () => Promise<void>
}

/**
 * A decision that was taken, and what to answer of it. undefined: that is not in the state, as the request came before, or
 * as the checkpoint turned out to be damaged when the events were in the log already.
 */
type Taken = { readonly decision: Decision; readonly answer: Answer | undefined }

/** The way of a command. */
export const runOn = (running: Running): Run => {
  const { log, logUntilOverdue, life, current, keeping, beforeCommand, queueFile, refreshQueueFile } = running
  const { get: state, changedSince } = current
  const answerNow = answerOn(running)
  const isInTime = (): boolean => !life.isOverdue()

  // One function and no more: every command comes by here, and each promise between costs it half a microsecond.
  const run = async (
    order: Order,
    permit: Permit | undefined,
  ): Promise<E.Either<Refusal | TransactFailure | Aborted, Answer>> => {
    // 1. Begin. A workspace that is being closed waits for those who have, and takes no more.
    if (!life.begin()) return closed
    keeping.begin()
    try {
      beforeCommand?.()
      for (;;) {
        // 2. Bring the state up, if this is the first command, or a block of the checkpoint was found damaged since.
        const failed = keeping.isStarted() ? undefined : await keeping.start()
        if (failed !== undefined) return E.left(failed)

        // 3. Under the lock of the log: catch up with what others wrote, decide, append, answer from the state as it is then.
        let taken: E.Either<Refusal | TransactFailure | Aborted, Taken>
        try {
          const isWanted = permit === undefined ? isInTime : () => isInTime() && permit.isWanted()
          taken = await log.transact(keeping.follower, () => decideOn(running, order, permit), answerNow, isWanted)()
        } catch (thrown) {
          // Nothing was appended yet: it is decided again, on a state that is read anew.
          if (!isCheckpointDamage(thrown)) throw thrown
          continue
        }

        // 4. Refresh `queue.json`: what was decided is in the log, and nobody waits for the lock any more.
        if (E.isLeft(taken)) {
          // Whoever wrote last may have died before it could write the file.
          if ('error' in taken.left) await refreshQueueFile()
          return taken
        }
        const writing = keeping.onSoundState(() => queueFile?.refreshAfterCommand(state, changedSince))
        // Where it follows later there is nothing to wait for, not even a turn.
        if (writing !== undefined) await writing

        // 5. Answer.
        const { decision, answer } = taken.right
        switch (decision._tag) {
          case 'Append':
          case 'Unchanged':
            return answer === undefined ? await answerFromLog(log, decision)() : E.right(answer)
          case 'Repeats':
            return await firstAnswer(logUntilOverdue, order, decision.repeats)()
          case 'RefusedWithEvents':
            return E.left(decision.refusal)
        }
      }
    } finally {
      keeping.end()
      life.end()
    }
  }

  return ((order, signal) => () =>
    signal === undefined || !life.isOpen()
      ? run(order, undefined)
      : untilAborted(signal, permit => () => run(order, permit))()) as Run
}

/**
 * Decides on the state as it is. The clocks are read here, under the lock: a command that waited for it for long is decided as
 * of now. Throws `CheckpointDamaged` where the state is to be read anew first.
 */
const decideOn = (
  { current, keeping, clock }: Running,
  order: Order,
  permit: Permit | undefined,
): E.Either<Refusal | Aborted, Decision> => {
  if (!keeping.isStarted()) throw new CheckpointDamaged('the state is to be read anew')
  const aborted = permit?.use()
  return aborted === undefined ? decide(commandAt(order, clock()), current.get()) : E.left(aborted)
}

/** Answers with the tasks as the command left them, before another one can change them. */
const answerOn =
  ({ current, keeping }: Running) =>
  (decision: Decision): Taken => {
    if (decision._tag === 'Repeats' || !keeping.isStarted()) return { decision, answer: undefined }
    try {
      return { decision, answer: answerOf(current.get(), decision) }
    } catch (thrown) {
      // What was appended must be synced and answered: the answer is then told from the log.
      if (!isCheckpointDamage(thrown) || decision.events.length === 0) throw thrown
      return { decision, answer: undefined }
    }
  }
