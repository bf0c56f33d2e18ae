import type { Checkpoint, Saving, TaskAddresses } from '@claimlog/checkpoint'
import { emptyState, type Event, fold, type State, type TaskId, taskIdOf } from '@claimlog/domain'
import { layeredTable } from '@claimlog/domain/table'
import type { ChangedSince } from '@claimlog/queue-file'
import type { Address, Bookmark, Take } from '@claimlog/event-log'

/** The state as far as the log was read: a checkpoint or nothing, and over it the tail of the log since. */
export type CurrentState = {
  readonly get: () => State
  readonly take: Take<Event>
  /** How many events were taken since the checkpoint, or since the log's start. */
  readonly tailLength: () => number
  /** How many tasks those events changed, and how far apart they stand in the log: in one that is a file, in bytes. */
  readonly tailSize: () => { readonly tasks: number; readonly span: number }
  /** The tasks that the events after `seq` are about; undefined: that is not known from so far back. */
  readonly changedSince: ChangedSince
  /** The addresses of the events of a task, in their order. */
  readonly addressesOf: (id: TaskId) => ReadonlyArray<Address>
  /** Goes on from a checkpoint, as if nothing had been taken before. */
  readonly layOver: (checkpoint: Checkpoint) => void
  /** Whether something of the checkpoint under it could not be read: then the state is not to be used, and must be read anew. */
  readonly isDamaged: () => boolean
  /** Lets go of all that was taken, and of the checkpoint. */
  readonly forget: () => void
  /** What a checkpoint of this state must hold; undefined: there is none to be made where the log stands at `bookmark`. */
  readonly saving: (bookmark: Bookmark) => Saving | undefined
  readonly close: () => void
}

export const currentState = (): CurrentState => {
  const table = layeredTable(undefined)
  let state = emptyState(table)
  let checkpoint: Checkpoint | undefined
  // Of each event of the tail, the task and the address: two arrays are all that this costs a process that runs for long.
  let taskIds: Array<TaskId | undefined> = []
  let addresses: Array<Address> = []

  return {
    get: () => state,
    take: (events, their) => {
      for (let i = 0; i < events.length; i += 1) {
        taskIds.push(taskIdOf(events[i] as Event))
        addresses.push(their[i] as Address)
      }
      state = fold(state, events)
    },
    tailLength: () => taskIds.length,
    tailSize: () => ({ tasks: table.changedCount(), span: (addresses.at(-1) ?? 0) - (addresses[0] ?? 0) }),
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
      const found = [...(checkpoint?.addressesOf(id) ?? [])]
      for (let i = 0; i < taskIds.length; i += 1) if (taskIds[i] === id) found.push(addresses[i] as Address)
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
    saving: ({ seq, at }) => {
      const { workspace, time, lineTime, clock } = state
      if (workspace === undefined || seq !== state.seq) return undefined
      return {
        head: { workspace, seq, time, lineTime, clock, at },
        changes: table.changes(),
        addresses: byTask(taskIds, addresses, state.seq),
      }
    },
    close: () => {
      checkpoint?.close()
      checkpoint = undefined
    },
  }
}

/** The addresses of the events up to `seq`, by the task that each is about. */
const byTask = (
  taskIds: ReadonlyArray<TaskId | undefined>,
  addresses: ReadonlyArray<Address>,
  seq: number,
): Iterable<TaskAddresses> => {
  const found = new Map<TaskId, { taskId: TaskId; firstSeq: number; addresses: Array<Address> }>()
  const first = seq - taskIds.length + 1
  taskIds.forEach((taskId, i) => {
    if (taskId === undefined) return
    const address = addresses[i] as Address
    const known = found.get(taskId)
    if (known === undefined) found.set(taskId, { taskId, firstSeq: first + i, addresses: [address] })
    else known.addresses.push(address)
  })
  return found.values()
}
