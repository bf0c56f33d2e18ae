import {
  emptyState,
  type Event,
  evolve,
  findTask,
  type LaneWithEntries,
  lanesWithEntries,
  isFinished,
  isTaskEvent,
  laterTime,
  type State,
  type Task,
  type TaskEvent,
  type Time,
  historyEntries,
} from '@claimlog/domain'

/**
 * A task's history from the event that added or retried it to the event that finished it. No later event changes it, so
 * every export of it is the same.
 */
export type TaskRun = {
  /** The task as it was when it was finished. */
  readonly task: Task
  readonly first: TaskEvent
  readonly last: TaskEvent
  readonly startTime: Time
  readonly endTime: Time
  readonly lanes: ReadonlyArray<LaneWithEntries>
  /** The `seq` of the first event of the previous run, if the task was retried. */
  readonly previous: number | undefined
}

/** An event, its task before and after it, and the run that it finished. */
export type AppliedEvent = {
  readonly event: Event
  readonly before: Task | undefined
  readonly after: Task | undefined
  readonly run: TaskRun | undefined
}

/** Reads a history, event by event. */
export type HistoryReader = {
  readonly apply: (event: Event) => AppliedEvent
  /** The state after the events so far. */
  readonly state: () => State
  /** The number of tasks that are not finished. */
  readonly countUnfinished: () => number
}

/** The `seq` of the first event of the current or last run of `task`. */
export const runStartSeq = (task: Task): number => task.retriedBy?.seq ?? task.seq

/**
 * Creates a reader, before the first event of a history. It keeps the state and the events of unfinished tasks in
 * memory; the events of a task are dropped when it is finished.
 */
export const historyReader = (): HistoryReader => {
  let state = emptyState()
  const openRuns = new Map<string, { readonly events: Array<TaskEvent>; readonly previous: number | undefined }>()

  const recordEvent = (event: TaskEvent, before: Task | undefined): void => {
    const isStart = before === undefined ? event.event === 'added' : event.event === 'retried' && isFinished(before)
    if (isStart)
      openRuns.set(event.taskId, { events: [event], previous: before === undefined ? undefined : runStartSeq(before) })
    else openRuns.get(event.taskId)?.events.push(event)
  }

  const endRun = (task: Task): TaskRun | undefined => {
    const run = openRuns.get(task.id)
    const first = run?.events[0]
    const last = run?.events.at(-1)
    if (run === undefined || first === undefined || last === undefined) return undefined
    openRuns.delete(task.id)
    const phaseChanges = historyEntries(run.events, last.time)
    return {
      task,
      first,
      last,
      previous: run.previous,
      startTime: first.time,
      endTime: laterTime(phaseChanges.at(-1)?.time ?? last.time, last.time),
      lanes: lanesWithEntries(phaseChanges, last.time),
    }
  }

  return {
    apply: event => {
      if (!isTaskEvent(event)) {
        state = evolve(state, event)
        return { event, before: undefined, after: undefined, run: undefined }
      }
      const { taskId: id } = event
      const before = findTask(state, id)
      recordEvent(event, before)
      state = evolve(state, event)
      const after = findTask(state, id)
      const isFinish = after !== undefined && isFinished(after) && before !== undefined && !isFinished(before)
      return { event, before, after, run: isFinish ? endRun(after) : undefined }
    },
    state: () => state,
    countUnfinished: () => openRuns.size,
  }
}
