import * as E from 'fp-ts/lib/Either.js'
import type { Event, NewTask } from '@claimlog/domain'
import { memoryLog, memoryStorage } from '@claimlog/event-log'
import type { Order } from '../src/order.ts'
import { openWorkspace, type Workspace } from '../src/workspace.ts'

/** Two processes on one log: one that waits, and another one that does what it waits for. */
export type Scene = {
  /**
   * The waiting one. Its log notifies of each append, and of nothing else: without a notification it keeps sleeping.
   */
  readonly workspace: Workspace
  /** Runs a command in the other one. */
  readonly order: (order: Order) => Promise<void>
  /** Counts the checks of the waiting one. */
  readonly looks: () => number
  /** Resolves when the waiting one has checked since the last call. */
  readonly looked: () => Promise<void>
  /** The history of the tasks after they were added, as `worker event task`. */
  readonly story: () => ReadonlyArray<string>
  /** Resolves when the history contains `line`. */
  readonly logHas: (line: string) => Promise<void>
}

/** Opens a workspace with `tasks`. */
export const waitingScene = async (...tasks: ReadonlyArray<NewTask>): Promise<Scene> => {
  const storage = memoryStorage<Event>()
  const waiter = openWorkspace({ log: memoryLog(storage) })
  const other = openWorkspace({ log: memoryLog(storage) })
  const order: Scene['order'] = async given => {
    const done = await other.run(given)()
    if (E.isLeft(done)) throw new Error(JSON.stringify(done.left))
  }
  await order({ command: 'open', workspace: 'b7c1' })
  if (tasks.length > 0) await order({ command: 'add', tasks })
  let [looks, seen] = [0, 0]
  const story: Scene['story'] = () =>
    storage.events.flatMap(event =>
      'taskId' in event && 'worker' in event ? [`${event.worker} ${event.event} ${event.taskId}`] : [],
    )
  return {
    workspace: {
      ...waiter,
      read: view => async () => {
        const result = await waiter.read(view)()
        looks += 1
        return result
      },
    },
    order,
    looks: () => looks,
    looked: async () => {
      await until(() => looks > seen)
      seen = looks
    },
    story,
    logHas: line => until(() => story().includes(line)),
  }
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 2))
}
