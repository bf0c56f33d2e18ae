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
export type Life = {
  /** The task as it was when it was finished. */
  readonly task: Task
  readonly first: TaskEvent
  readonly last: TaskEvent
  readonly from: Time
  readonly until: Time
  readonly lanes: ReadonlyArray<LaneWithEntries>
  /** The `seq` of the first event of the previous run, if the task was retried. */
  readonly previous: number | undefined
}

/** An event, its task before and after it, and the run that it finished. */
export type WalkedEvent = {
  readonly event: Event
  readonly before: Task | undefined
  readonly after: Task | undefined
  readonly life: Life | undefined
}

/** Reads a history, event by event. */
export type Walk = {
  readonly take: (event: Event) => WalkedEvent
  /** The state after the events so far. */
  readonly state: () => State
  /** The number of tasks that are not finished. */
  readonly unfinished: () => number
}

/** The `seq` of the first event of the current or last run of `task`. */
export const lifeOf = (task: Task): number => task.retriedBy?.seq ?? task.seq

/**
 * Starts before the first event of a history. Keeps the state and the events of unfinished tasks in memory; the events
 * of a task are dropped when it is finished.
 */
export const walk = (): Walk => {
  let state = emptyState()
  const open = new Map<string, { readonly events: Array<TaskEvent>; readonly previous: number | undefined }>()

  const heard = (event: TaskEvent, before: Task | undefined): void => {
    const begins = before === undefined ? event.event === 'added' : event.event === 'retried' && isFinished(before)
    if (begins) open.set(event.taskId, { events: [event], previous: before === undefined ? undefined : lifeOf(before) })
    else open.get(event.taskId)?.events.push(event)
  }

  const ended = (task: Task): Life | undefined => {
    const life = open.get(task.id)
    const first = life?.events[0]
    const last = life?.events.at(-1)
    if (life === undefined || first === undefined || last === undefined) return undefined
    open.delete(task.id)
    const turns = historyEntries(life.events, last.time)
    return {
      task,
      first,
      last,
      previous: life.previous,
      from: first.time,
      until: laterTime(turns.at(-1)?.time ?? last.time, last.time),
      lanes: lanesWithEntries(turns, last.time),
    }
  }

  return {
    take: event => {
      if (!isTaskEvent(event)) {
        state = evolve(state, event)
        return { event, before: undefined, after: undefined, life: undefined }
      }
      const { taskId: id } = event
      const before = findTask(state, id)
      heard(event, before)
      state = evolve(state, event)
      const after = findTask(state, id)
      const finishes = after !== undefined && isFinished(after) && before !== undefined && !isFinished(before)
      return { event, before, after, life: finishes ? ended(after) : undefined }
    },
    state: () => state,
    unfinished: () => open.size,
  }
}
