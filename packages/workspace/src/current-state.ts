import type { Checkpoint, CheckpointSnapshot, TaskOffsets } from '@claimlog/checkpoint'
import { emptyState, type Event, fold, previewFold, type State, type TaskId, eventTaskId } from '@claimlog/domain'
import { overlayTable } from '@claimlog/domain/table'
import type { ChangedTasks } from '@claimlog/queue-file'
import type { LogOffset, LogCursor, OnEvents } from '@claimlog/event-log'

/** The state as of the last event read: an optional checkpoint, and on top of it the tail of the log since. */
export type CurrentState = {
  readonly get: () => State
  readonly apply: OnEvents<Event>
  /**
   * From here on, what is applied is not in the log yet: `get` returns the state with it, until the returned function
   * drops it. Everything in between must be synchronous.
   */
  readonly applyProvisionally: () => () => void
  /** Counts the events applied since the checkpoint, or since the start of the log. */
  readonly tailLength: () => number
  /** Counts the tasks that those events changed, and how far apart the events are in the log: in a file, in bytes. */
  readonly tailSize: () => { readonly tasks: number; readonly span: number }
  /** The tasks that the events after `seq` are about; undefined: not known that far back. */
  readonly changedTasks: ChangedTasks
  /** The offsets of a task's events, in order. */
  readonly taskOffsets: (id: TaskId) => ReadonlyArray<LogOffset>
  /** Continues from a checkpoint, as if no event had been applied before. */
  readonly rebase: (checkpoint: Checkpoint) => void
  /** True if part of the checkpoint could not be read: the state must not be used, and must be reloaded. */
  readonly isDamaged: () => boolean
  /** Drops all applied events and the checkpoint. */
  readonly reset: () => void
  /** The content of a checkpoint of this state; undefined: none can be made for a log that ends at `cursor`. */
  readonly snapshot: (cursor: LogCursor) => CheckpointSnapshot | undefined
  readonly close: () => void
}

/** The state of a log, whose id is `logId` unless it is in a file. */
export const currentState = (logId?: string): CurrentState => {
  const table = overlayTable(undefined)
  let state = emptyState(table, logId)
  let provisional: State | undefined
  let checkpoint: Checkpoint | undefined
  // Task and offset of each event of the tail: a long-lived process pays only for two arrays.
  let taskIds: Array<TaskId | undefined> = []
  let offsets: Array<LogOffset> = []

  return {
    get: () => provisional ?? state,
    apply: (events, eventOffsets) => {
      if (provisional !== undefined) {
        provisional = fold(provisional, events)
        return
      }
      for (let i = 0; i < events.length; i += 1) {
        taskIds.push(eventTaskId(events[i] as Event))
        offsets.push(eventOffsets[i] as LogOffset)
      }
      state = fold(state, events)
    },
    applyProvisionally: () => {
      provisional = previewFold(state, [])
      return () => {
        provisional = undefined
      }
    },
    tailLength: () => taskIds.length,
    tailSize: () => ({ tasks: table.changedTaskCount(), span: (offsets.at(-1) ?? 0) - (offsets[0] ?? 0) }),
    changedTasks: seq => (seq > state.seq ? undefined : collectTasks(taskIds, seq - (state.seq - taskIds.length))),
    taskOffsets: id => [...(checkpoint?.readOffsets(id) ?? []), ...offsets.filter((_, i) => taskIds[i] === id)],
    rebase: next => {
      checkpoint?.close()
      checkpoint = next
      const { workspace, seq, time, lineTime, clock, moved } = next.head
      table.rebase(next.base)
      state = { workspace, seq, time, lineTime, clock, moved, logId, table }
      taskIds = []
      offsets = []
    },
    isDamaged: () => checkpoint?.isDamaged() === true,
    reset: () => {
      checkpoint?.close()
      checkpoint = undefined
      table.rebase(undefined)
      state = emptyState(table, logId)
      taskIds = []
      offsets = []
    },
    snapshot: ({ seq, location }) => {
      const { workspace, time, lineTime, clock, moved } = state
      if (workspace === undefined || seq !== state.seq) return undefined
      return {
        head: { workspace, seq, time, lineTime, clock, moved, at: location },
        changes: table.changes(),
        offsets: groupByTask(taskIds, offsets, state.seq),
      }
    },
    close: () => {
      checkpoint?.close()
      checkpoint = undefined
    },
  }
}

/** The tasks of a tail from `entry` on; undefined: that is before its start. */
const collectTasks = (taskIds: ReadonlyArray<TaskId | undefined>, entry: number): ReadonlySet<TaskId> | undefined => {
  if (entry < 0) return undefined
  const collected = new Set<TaskId>()
  for (let i = entry; i < taskIds.length; i += 1) {
    const id = taskIds[i]
    if (id !== undefined) collected.add(id)
  }
  return collected
}

/** Groups the offsets of the events up to `seq` by task. */
const groupByTask = (
  taskIds: ReadonlyArray<TaskId | undefined>,
  offsets: ReadonlyArray<LogOffset>,
  seq: number,
): Iterable<TaskOffsets> => {
  const collected = new Map<TaskId, { taskId: TaskId; firstSeq: number; offsets: Array<LogOffset> }>()
  const first = seq - taskIds.length + 1
  taskIds.forEach((taskId, i) => {
    if (taskId === undefined) return
    const offset = offsets[i] as LogOffset
    const entry = collected.get(taskId)
    if (entry === undefined) collected.set(taskId, { taskId, firstSeq: first + i, offsets: [offset] })
    else entry.offsets.push(offset)
  })
  return collected.values()
}
