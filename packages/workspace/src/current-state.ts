import type { Checkpoint, CheckpointSnapshot, TaskOffsets } from '@claimlog/checkpoint'
import { emptyState, type Event, fold, type State, type TaskId, eventTaskId } from '@claimlog/domain'
import { overlayTable } from '@claimlog/domain/table'
import type { ChangedSince } from '@claimlog/queue-file'
import type { LogOffset, LogCursor, OnEvents } from '@claimlog/event-log'

/** The state as of the last event read: an optional checkpoint, and on top of it the tail of the log since. */
export type CurrentState = {
  readonly get: () => State
  readonly take: OnEvents<Event>
  /** Counts the events applied since the checkpoint, or since the start of the log. */
  readonly tailLength: () => number
  /** Counts the tasks that those events changed, and how far apart the events are in the log: in a file, in bytes. */
  readonly tailSize: () => { readonly tasks: number; readonly span: number }
  /** The tasks that the events after `seq` are about; undefined: not known that far back. */
  readonly changedSince: ChangedSince
  /** The offsets of a task's events, in order. */
  readonly addressesOf: (id: TaskId) => ReadonlyArray<LogOffset>
  /** Continues from a checkpoint, as if no event had been applied before. */
  readonly layOver: (checkpoint: Checkpoint) => void
  /** True if part of the checkpoint could not be read: the state must not be used, and must be reloaded. */
  readonly isDamaged: () => boolean
  /** Drops all applied events and the checkpoint. */
  readonly forget: () => void
  /** The content of a checkpoint of this state; undefined: none can be made for a log that ends at `cursor`. */
  readonly saving: (bookmark: LogCursor) => CheckpointSnapshot | undefined
  readonly close: () => void
}

export const currentState = (): CurrentState => {
  const table = overlayTable(undefined)
  let state = emptyState(table)
  let checkpoint: Checkpoint | undefined
  // Task and offset of each event of the tail: a long-lived process pays only for two arrays.
  let taskIds: Array<TaskId | undefined> = []
  let addresses: Array<LogOffset> = []

  return {
    get: () => state,
    take: (events, their) => {
      for (let i = 0; i < events.length; i += 1) {
        taskIds.push(eventTaskId(events[i] as Event))
        addresses.push(their[i] as LogOffset)
      }
      state = fold(state, events)
    },
    tailLength: () => taskIds.length,
    tailSize: () => ({ tasks: table.changedTaskCount(), span: (addresses.at(-1) ?? 0) - (addresses[0] ?? 0) }),
    changedSince: seq => {
      const known = seq - (state.seq - taskIds.length)
      if (known < 0 || seq > state.seq) return undefined
      const changed = new Set<TaskId>()
      for (let i = known; i < taskIds.length; i += 1) {
        const id = taskIds[i]
        if (id !== undefined) changed.add(id)
      }
      return changed
    },
    addressesOf: id => {
      const found = [...(checkpoint?.readOffsets(id) ?? [])]
      for (let i = 0; i < taskIds.length; i += 1) if (taskIds[i] === id) found.push(addresses[i] as LogOffset)
      return found
    },
    layOver: next => {
      checkpoint?.close()
      checkpoint = next
      const { workspace, seq, time, lineTime, clock } = next.head
      table.rebase(next.base)
      state = { workspace, seq, time, lineTime, clock, table }
      taskIds = []
      addresses = []
    },
    isDamaged: () => checkpoint?.isDamaged() === true,
    forget: () => {
      checkpoint?.close()
      checkpoint = undefined
      table.rebase(undefined)
      state = emptyState(table)
      taskIds = []
      addresses = []
    },
    saving: ({ seq, location }) => {
      const { workspace, time, lineTime, clock } = state
      if (workspace === undefined || seq !== state.seq) return undefined
      return {
        head: { workspace, seq, time, lineTime, clock, at: location },
        changes: table.changes(),
        offsets: byTask(taskIds, addresses, state.seq),
      }
    },
    close: () => {
      checkpoint?.close()
      checkpoint = undefined
    },
  }
}

/** Groups the offsets of the events up to `seq` by task. */
const byTask = (
  taskIds: ReadonlyArray<TaskId | undefined>,
  addresses: ReadonlyArray<LogOffset>,
  seq: number,
): Iterable<TaskOffsets> => {
  const found = new Map<TaskId, { taskId: TaskId; firstSeq: number; offsets: Array<LogOffset> }>()
  const first = seq - taskIds.length + 1
  taskIds.forEach((taskId, i) => {
    if (taskId === undefined) return
    const address = addresses[i] as LogOffset
    const known = found.get(taskId)
    if (known === undefined) found.set(taskId, { taskId, firstSeq: first + i, offsets: [address] })
    else known.offsets.push(address)
  })
  return found.values()
}
