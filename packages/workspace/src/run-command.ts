import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { CheckpointDamaged, isCheckpointDamage } from '@claimlog/checkpoint/damage'
import { decide, type Decision, type Event, type Refusal } from '@claimlog/domain'
import { closed, type EventLog, type LifeCycle, type TransactFailure } from '@claimlog/event-log'
import type { QueueFileWriter } from '@claimlog/queue-file'
import type { CheckpointPolicy } from './checkpoint-policy.ts'
import type { CurrentState } from './current-state.ts'
import { replayResult } from './replay-result.ts'
import type { Clock } from './machine-clock.ts'
import { type CommandResult, resultFromLog, toCommandResult, toCommand, type CommandInput } from './command-input.ts'
import { type CommitGate, orAborted } from './waiting/commit-gate.ts'
import type { Aborted } from './waiting/wait-failure.ts'

/** Runs one command. */
export type RunCommand = {
  (input: CommandInput): TE.TaskEither<Refusal | TransactFailure, CommandResult>
  (
    input: CommandInput,
    signal: AbortSignal | undefined,
  ): TE.TaskEither<Refusal | TransactFailure | Aborted, CommandResult>
}

/** The context in which commands run. */
export type CommandContext = {
  readonly log: EventLog<Event>
  /** The same log; reads on it stop when `life` is overdue. */
  readonly closableLog: EventLog<Event>
  readonly life: LifeCycle
  readonly current: CurrentState
  readonly checkpoints: CheckpointPolicy
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
type DecisionWithResult = { readonly decision: Decision; readonly result: CommandResult | undefined }

/** Returns the function that runs a command, from start to result. */
export const makeRunCommand = (context: CommandContext): RunCommand => {
  const { log, closableLog, life, current, checkpoints, beforeCommand, queueFile, refreshQueueFile } = context
  const { get: state, changedTasks } = current
  const addResult = makeResultStep(context)
  const isInTime = (): boolean => !life.isOverdue()

  // A single function: every command runs through it, and each additional promise costs half a microsecond.
  const run = async (
    input: CommandInput,
    gate: CommitGate | undefined,
  ): Promise<E.Either<Refusal | TransactFailure | Aborted, CommandResult>> => {
    // 1. Begin. A closing workspace waits for commands that have begun, and accepts no new ones.
    if (!life.begin()) return closed
    checkpoints.begin()
    try {
      beforeCommand?.()
      for (;;) {
        // 2. Load the state, if this is the first command, or a block of the checkpoint was found damaged since.
        const failure = checkpoints.isLoaded() ? undefined : await checkpoints.load()
        if (failure !== undefined) return E.left(failure)

        // 3. Under the log's lock: catch up with what others wrote, decide, append, compute the result from the new
        // state.
        let outcome: E.Either<Refusal | TransactFailure | Aborted, DecisionWithResult>
        try {
          const shouldContinue = gate === undefined ? isInTime : () => isInTime() && gate.isOpen()
          outcome = await log.transact(
            checkpoints.fold,
            () => decideCommand(context, input, gate),
            addResult,
            shouldContinue,
          )()
        } catch (thrown) {
          // Nothing was appended yet: decide again, on a reloaded state.
          if (!isCheckpointDamage(thrown)) throw thrown
          continue
        }

        // 4. Refresh `queue.json`: the events are in the log, and the lock is free again.
        if (E.isLeft(outcome)) {
          // The last writer may have died before it could write the file.
          if ('error' in outcome.left) await refreshQueueFile()
          return outcome
        }
        const pendingRefresh = checkpoints.retryAfterReload(() => queueFile?.refreshAfterCommand(state, changedTasks))
        // If the file is written later there is nothing to wait for, not even a microtask.
        if (pendingRefresh !== undefined) await pendingRefresh

        // 5. Return the result.
        const { decision, result } = outcome.right
        switch (decision._tag) {
          case 'Append':
          case 'Unchanged':
            return result === undefined ? await resultFromLog(log, decision)() : E.right(result)
          case 'Repeats':
            return await replayResult(closableLog, input, decision.repeats)()
          case 'RefusedWithEvents':
            return E.left(decision.refusal)
        }
      }
    } finally {
      checkpoints.end()
      life.end()
    }
  }

  return ((input, signal) => () =>
    signal === undefined || !life.isOpen()
      ? run(input, undefined)
      : orAborted(signal, gate => () => run(input, gate))()) as RunCommand
}

/**
 * Decides on the current state. The clocks are read here, under the lock: a command that waited long for it is decided
 * at the time it gets the lock. Throws `CheckpointDamaged` if the state must be reloaded first.
 */
const decideCommand = (
  { current, checkpoints, clock }: CommandContext,
  input: CommandInput,
  gate: CommitGate | undefined,
): E.Either<Refusal | Aborted, Decision> => {
  if (!checkpoints.isLoaded()) throw new CheckpointDamaged('the state must be reloaded')
  const aborted = gate?.enter()
  return aborted === undefined ? decide(toCommand(input, clock()), current.get()) : E.left(aborted)
}

/** Computes the result with the tasks as the command left them, before another one can change them. */
const makeResultStep =
  ({ current, checkpoints }: CommandContext) =>
  (decision: Decision): DecisionWithResult => {
    if (decision._tag === 'Repeats' || !checkpoints.isLoaded()) return { decision, result: undefined }
    try {
      return { decision, result: toCommandResult(current.get(), decision) }
    } catch (thrown) {
      // The appended events must be synced and reported: the result is then computed from the log.
      if (!isCheckpointDamage(thrown) || decision.events.length === 0) throw thrown
      return { decision, result: undefined }
    }
  }
