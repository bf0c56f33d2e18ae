import * as E from 'fp-ts/lib/Either.js'
import {
  type ClaimView,
  claimView,
  type Decision,
  emptyState,
  type Event,
  findTask,
  fold,
  type NoReadyTask,
  type RulesView,
  rulesView,
  type State,
  type TaskId,
  type TaskView,
  taskView,
} from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'

/** A task with its claim beside it, as the command left it. */
export type TaskAnswer = { readonly task: TaskView; readonly claim?: ClaimView }

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

/** A decision on its way through the log: its answer is there once its events are folded. */
export type Deciding = {
  readonly events: ReadonlyArray<Event>
  readonly decision: Decision
  readonly lastSeq: number
  answer: Answer | undefined
}

/** What to answer about a decision in the state that it led to. */
export const answerOf = (state: State, { taskIds, seq, events, kind, next }: Decision): Answer => ({
  tasks: taskIds.flatMap(id => taskAnswer(state, id) ?? []),
  seq,
  ...(next === undefined ? {} : 'none' in next ? { noNext: next.none } : { next: taskAnswer(state, next.taskId) }),
  ...(kind === undefined ? {} : { rules: rulesView(state, kind) }),
  appended: events.length,
})

/** The answer about a decision that the log holds, from the state that its first lines lead to. */
export const answerFromLog = async (
  log: EventLog<Event>,
  { decision, lastSeq }: Deciding,
): Promise<E.Either<ReadFailure, Answer>> => {
  let state = emptyState()
  const read = await log.readAfter(0, events => {
    state = fold(
      state,
      events.filter(({ seq }) => seq <= lastSeq),
    )
  })()
  return E.isLeft(read) ? read : E.right(answerOf(state, decision))
}

const taskAnswer = (state: State, id: TaskId): TaskAnswer | undefined => {
  const task = findTask(state, id)
  if (task === undefined) return undefined
  return task.claim === undefined
    ? { task: taskView(task, state.clock) }
    : { task: taskView(task, state.clock), claim: claimView(task.claim, state.clock) }
}
