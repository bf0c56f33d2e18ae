import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type ClockReading,
  type Command,
  decide,
  type Decision,
  emptyState,
  type Event,
  findTask,
  fold,
  previewFold,
  type NoReadyTask,
  type Refusal,
  type State,
  type TaskId,
  type Time,
  toWallTimeMs,
} from '@claimlog/domain'
import { type ClaimedTask, type RulesView, rulesView, type TaskWithClaim, taskWithClaim } from '@claimlog/wire'
import type { EventLog, ReadFailure } from '@claimlog/event-log'

/** A command without the clock readings, which the workspace adds. */
export type CommandInput = Command extends infer C ? (C extends Command ? Omit<C, keyof ClockReading> : never) : never

/**
 * Adds a clock reading to a command. Not with a spread: that adds new fields to the object each time, which takes V8
 * 1.3 µs; `Object.assign` takes 0.1. Every command starts here.
 */
export const toCommand = (input: CommandInput, reading: ClockReading): Command => Object.assign({}, input, reading)

/** The command with the clock reading of a query of `state` at the time `now`. */
export const toCommandAtTime = (input: CommandInput, state: State, now: Time): Command =>
  toCommand(input, { nowMs: toWallTimeMs(state, now) })

/** The result of a command: the tasks concerned, and the `seq` of the event that put them in this state. */
export type CommandResult = {
  readonly tasks: ReadonlyArray<TaskWithClaim>
  readonly seq: number
  /** The task that was claimed next, with its claim, if that was requested and one was ready. */
  readonly next?: TaskWithClaim
  /** Why no task was claimed next, if that was requested. */
  readonly noNext?: NoReadyTask
  /** The rules of the kind, if the command was about a kind. */
  readonly rules?: RulesView
  /** Number of events appended; 0: nothing had to change. */
  readonly appended: number
}

/** Returns the result of a decision, given the state after it. */
export const toCommandResult = (state: State, decision: Decision): CommandResult => {
  const { seq, events } = decision
  switch (decision._tag) {
    case 'Append':
    case 'Unchanged': {
      const { taskIds, kind, next } = decision
      return {
        tasks: taskIds.flatMap(id => findTaskWithClaim(state, id) ?? []),
        seq,
        ...(next === undefined
          ? {}
          : 'none' in next
            ? { noNext: next.none }
            : { next: findTaskWithClaim(state, next.taskId) }),
        ...(kind === undefined ? {} : { rules: rulesView(state, kind) }),
        appended: events.length,
      }
    }
    case 'Repeats':
    case 'RefusedWithEvents':
      return { tasks: [], seq, appended: events.length }
  }
}

/** Returns the result of a decision that is in the log, from the state folded up to it. */
export const resultFromLog =
  (log: EventLog<Event>, decision: Decision): TE.TaskEither<ReadFailure, CommandResult> =>
  async () => {
    const lastSeq = decision.events.at(-1)?.seq ?? 0
    let state = emptyState()
    const read = await log.read(0, events => {
      state = fold(
        state,
        events.filter(({ seq }) => seq <= lastSeq),
      )
    })()
    return E.map(() => toCommandResult(state, decision))(read)
  }

/** Returns the claimed task in the result of a command that claims. */
export const toClaimedTask = ({ task, claim }: TaskWithClaim): ClaimedTask => {
  if (claim === undefined) throw new Error(`${task.id} was claimed, and has no claim`)
  return { task, claim }
}

const findTaskWithClaim = (state: State, id: TaskId): TaskWithClaim | undefined => {
  const task = findTask(state, id)
  return task === undefined ? undefined : taskWithClaim(task, state.clock)
}

/**
 * Dry run: returns the result that `input` would have on `state` at the time `now`, or why it would be refused. The
 * same rules decide, and nothing is written; a command whose request id is already in the log has no effect.
 */
export const dryRun = (state: State, now: Time, input: CommandInput): E.Either<Refusal, CommandResult> => {
  const toResult = (decision: Decision): CommandResult => toCommandResult(previewFold(state, decision.events), decision)
  return E.map(toResult)(decide(toCommandAtTime(input, state, now), state))
}
