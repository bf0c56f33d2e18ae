import { closed, type LifeCycle } from '@claimlog/event-log'
import type { Workspace } from '@claimlog/workspace'
import { type LocalQueue, toolMethods } from '../local-queue.ts'

/** Methods for functions of the library that are not methods of a queue. */
export type QueueTools = Pick<LocalQueue, 'importTasks' | 'query'>

const toolsByQueue = new WeakMap<object, QueueTools>()

/** Keeps the tools of `queue`, which works on `workspace` while `life` is open; returns `queue`. */
export const keepTools = <Q extends object>(queue: Q, workspace: Workspace, life: LifeCycle): Q => {
  const { importTasks, query } = toolMethods(workspace)
  toolsByQueue.set(queue, {
    importTasks: (request, options) => async () =>
      life.isOpen() ? importTasks(request, options)() : Promise.resolve(closed),
    query: (view, options) => async () => (life.isOpen() ? query(view, options)() : Promise.resolve(closed)),
  })
  return queue
}

/** Gives `queue` the tools of the queue that it is built from; returns `queue`. */
export const shareTools = <Q extends object>(queue: Q, from: object): Q => {
  const tools = toolsByQueue.get(from)
  if (tools !== undefined) toolsByQueue.set(queue, tools)
  return queue
}

/** The tools of a queue that `open` or `init` returned; undefined for another value. */
export const findTools = (queue: unknown): QueueTools | undefined => toolsByQueue.get(queue as object)
