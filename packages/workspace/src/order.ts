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
  foldOver,
  type NoReadyTask,
  type Refusal,
  type State,
  type TaskId,
  type Time,
  wallClockMs,
} from '@claimlog/domain'
import { type ClaimedTask, type RulesView, rulesView, type TaskAnswer, taskAnswer } from '@claimlog/wire'
import type { EventLog, ReadFailure } from '@claimlog/event-log'

/** A command without a reading of the clocks, which the workspace adds. */
export type Order = Command extends infer C ? (C extends Command ? Omit<C, keyof ClockReading> : never) : never

/**
 * A command as of a reading of the clocks. Not by a spread: its fields are new to the object each time, which takes V8 1.3 µs and
 * `Object.assign` 0.1. This is how every command begins.
 */
export const commandAt = (order: Order, reading: ClockReading): Command => Object.assign({}, order, reading)

/** A command as it would be given at the moment `now` of a view of `state`. */
export const commandSeen = (order: Order, state: State, now: Time): Command =>
  commandAt(order, { nowMs: wallClockMs(state, now) })

/** What a command came to: the tasks concerned, and the `seq` of the event that made it so. */
export type Answer = {
  readonly tasks: ReadonlyArray<TaskAnswer>
  readonly seq: number
  /** The task that was claimed next, with its claim, where that was asked for and one was ready. */
  readonly next?: TaskAnswer
  /** Why none was claimed next, where that was asked for. */
  readonly noNext?: NoReadyTask
  /** The rules of the kind concerned, where it was about a kind. */
  readonly rules?: RulesView
  /** How many events were appended; 0: it was so already. */
  readonly appended: number
}

/** What to answer about a decision in the state that it led to. */
export const answerOf = (state: State, decision: Decision): Answer => {
  const { seq, events } = decision
  switch (decision._tag) {
    case 'Append':
    case 'Unchanged': {
      const { taskIds, kind, next } = decision
      return {
        tasks: taskIds.flatMap(id => findAnswer(state, id) ?? []),
        seq,
        ...(next === undefined
          ? {}
          : 'none' in next
            ? { noNext: next.none }
            : { next: findAnswer(state, next.taskId) }),
        ...(kind === undefined ? {} : { rules: rulesView(state, kind) }),
        appended: events.length,
      }
    }
    case 'Repeats':
    case 'RefusedWithEvents':
      return { tasks: [], seq, appended: events.length }
  }
}

/** The answer about a decision that the log holds, from the state that its first lines lead to. */
export const answerFromLog =
  (log: EventLog<Event>, decision: Decision): TE.TaskEither<ReadFailure, Answer> =>
  async () => {
    const lastSeq = decision.events.at(-1)?.seq ?? 0
    let state = emptyState()
    const read = await log.readAfter(0, events => {
      state = fold(
        state,
        events.filter(({ seq }) => seq <= lastSeq),
      )
    })()
    return E.map(() => answerOf(state, decision))(read)
  }

/** A claim in the answer of a command that claims. */
export const claimedTask = ({ task, claim }: TaskAnswer): ClaimedTask => {
  if (claim === undefined) throw new Error(`${task.id} was claimed, and has no claim`)
  return { task, claim }
}

const findAnswer = (state: State, id: TaskId): TaskAnswer | undefined => {
  const task = findTask(state, id)
  return task === undefined ? undefined : taskAnswer(task, state.clock)
}

/**
 * What `order` would be answered if it were carried out on `state` at the moment `now`, or why it would be refused. It is
 * decided by the same rules, and nothing is written; an order that came before under its request id comes to nothing.
 */
export const rehearse = (state: State, now: Time, order: Order): E.Either<Refusal, Answer> => {
  const answer = (decision: Decision): Answer => answerOf(foldOver(state, decision.events), decision)
  return E.map(answer)(decide(commandSeen(order, state, now), state))
}
