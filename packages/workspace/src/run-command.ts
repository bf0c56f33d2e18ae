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

/** Runs one command. */
export type Run = {
  (order: Order): TE.TaskEither<Refusal | TransactFailure, Answer>
  (order: Order, signal: AbortSignal | undefined): TE.TaskEither<Refusal | TransactFailure | Aborted, Answer>
}

/** The context in which commands run. */
export type Running = {
  readonly log: EventLog<Event>
  /** The same log; reads on it stop when `life` is overdue. */
  readonly logUntilOverdue: EventLog<Event>
  readonly life: LifeCycle
  readonly current: CurrentState
  readonly keeping: Checkpointing
  readonly clock: Clock
  readonly beforeCommand?: () => void
  readonly queueFile?: QueueFileWriter
  /** Brings `queue.json` up to date if this process changed nothing. */
  readonly refreshQueueFile: () => Promise<void>
}

/**
 * A decision and its result. undefined: the result cannot be computed from the state, because the request is a repeat,
 * or because the checkpoint turned out to be damaged when the events were already in the log.
 */
type Taken = { readonly decision: Decision; readonly answer: Answer | undefined }

/** The path of a command. */
export const runOn = (running: Running): Run => {
  const { log, logUntilOverdue, life, current, keeping, beforeCommand, queueFile, refreshQueueFile } = running
  const { get: state, changedSince } = current
  const answerNow = answerOn(running)
  const isInTime = (): boolean => !life.isOverdue()

  // A single function: every command runs through it, and each additional promise costs half a microsecond.
  const run = async (
    order: Order,
    permit: Permit | undefined,
  ): Promise<E.Either<Refusal | TransactFailure | Aborted, Answer>> => {
    // 1. Begin. A closing workspace waits for commands that have begun, and accepts no new ones.
    if (!life.begin()) return closed
    keeping.begin()
    try {
      beforeCommand?.()
      for (;;) {
        // 2. Load the state, if this is the first command, or a block of the checkpoint was found damaged since.
        const failed = keeping.isStarted() ? undefined : await keeping.start()
        if (failed !== undefined) return E.left(failed)

        // 3. Under the log's lock: catch up with what others wrote, decide, append, compute the result from the new
        // state.
        let taken: E.Either<Refusal | TransactFailure | Aborted, Taken>
        try {
          const isWanted = permit === undefined ? isInTime : () => isInTime() && permit.isWanted()
          taken = await log.transact(keeping.follower, () => decideOn(running, order, permit), answerNow, isWanted)()
        } catch (thrown) {
          // Nothing was appended yet: decide again, on a reloaded state.
          if (!isCheckpointDamage(thrown)) throw thrown
          continue
        }

        // 4. Refresh `queue.json`: the events are in the log, and the lock is free again.
        if (E.isLeft(taken)) {
          // The last writer may have died before it could write the file.
          if ('error' in taken.left) await refreshQueueFile()
          return taken
        }
        const writing = keeping.onSoundState(() => queueFile?.refreshAfterCommand(state, changedSince))
        // If the file is written later there is nothing to wait for, not even a microtask.
        if (writing !== undefined) await writing

        // 5. Return the result.
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
 * Decides on the current state. The clocks are read here, under the lock: a command that waited long for it is decided
 * at the time it gets the lock. Throws `CheckpointDamaged` if the state must be reloaded first.
 */
const decideOn = (
  { current, keeping, clock }: Running,
  order: Order,
  permit: Permit | undefined,
): E.Either<Refusal | Aborted, Decision> => {
  if (!keeping.isStarted()) throw new CheckpointDamaged('the state must be reloaded')
  const aborted = permit?.use()
  return aborted === undefined ? decide(commandAt(order, clock()), current.get()) : E.left(aborted)
}

/** Computes the result with the tasks as the command left them, before another one can change them. */
const answerOn =
  ({ current, keeping }: Running) =>
  (decision: Decision): Taken => {
    if (decision._tag === 'Repeats' || !keeping.isStarted()) return { decision, answer: undefined }
    try {
      return { decision, answer: answerOf(current.get(), decision) }
    } catch (thrown) {
      // The appended events must be synced and reported: the result is then computed from the log.
      if (!isCheckpointDamage(thrown) || decision.events.length === 0) throw thrown
      return { decision, answer: undefined }
    }
  }
