import * as E from 'fp-ts/lib/Either.js'
import type { Event, NewTask } from '@claimlog/domain'
import { memoryLog, memoryStorage } from '@claimlog/event-log'
import type { Order } from '../src/order.ts'
import { openWorkspace, type Workspace } from '../src/workspace.ts'

/** Two processes at one log: one that waits, and another that does what it waits for. */
export type Scene = {
  /** The one that waits. Its log tells of each append, and nothing else: who is not told sleeps on. */
  readonly workspace: Workspace
  /** The other one carries out an order. */
  readonly order: (order: Order) => Promise<void>
  /** How often whoever waits has looked. */
  readonly looks: () => number
  /** Resolves when whoever waits has looked since this was asked last. */
  readonly looked: () => Promise<void>
  /** What became of the tasks after they were added, as `worker event task`. */
  readonly story: () => ReadonlyArray<string>
  /** Resolves when the story has such a line. */
  readonly logHas: (line: string) => Promise<void>
}

/** A workspace with `tasks` in it. */
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
        const seen = await waiter.read(view)()
        looks += 1
        return seen
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
