import {
  emptyState,
  type Event,
  evolve,
  findTask,
  type HeardLane,
  heardLanesOf,
  isFinished,
  isTaskEvent,
  later,
  type State,
  type Task,
  type TaskEvent,
  type Time,
  turnsOf,
} from '@claimlog/domain'

/**
 * A task's history from the event that added it, or had it done again, to the one that finished it. No later event
 * changes anything of it: what is told of lives can be told again and is the same.
 */
export type Life = {
  /** The task as it was when it was finished. */
  readonly task: Task
  readonly first: TaskEvent
  readonly last: TaskEvent
  readonly from: Time
  readonly until: Time
  readonly lanes: ReadonlyArray<HeardLane>
  /** The `seq` of the event that began the life before, where the task was finished once already. */
  readonly previous: number | undefined
}

/** One event on the way through a history, with its task before and after it, and the life that it ended. */
export type WalkedEvent = {
  readonly event: Event
  readonly before: Task | undefined
  readonly after: Task | undefined
  readonly life: Life | undefined
}

/** A way through a history, event by event. */
export type Walk = {
  readonly take: (event: Event) => WalkedEvent
  /** What the events so far lead to. */
  readonly state: () => State
  /** How many tasks are not finished. */
  readonly unfinished: () => number
}

/** The `seq` of the event that began the life that `task` is in, or was in last. */
export const lifeOf = (task: Task): number => task.revived?.seq ?? task.seq

/**
 * Begins a way through a history, before its first event. Holds the state, and the events of those tasks that are not
 * finished: a task's own are let go as it is finished.
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
    const turns = turnsOf(life.events, last.time)
    return {
      task,
      first,
      last,
      previous: life.previous,
      from: first.time,
      until: later(turns.at(-1)?.time ?? last.time, last.time),
      lanes: heardLanesOf(turns, last.time),
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
