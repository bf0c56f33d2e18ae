import * as E from 'fp-ts/lib/Either.js'
import { type LocalQueue, pause, eventTaskId } from '@claimlog/client/unstable-internals'
import { statusUri, taskUri } from './uris.ts'

/** The minimum time between notifications while events are appended continuously. */
const pauseMs = 250

/** The retry interval for an unreadable log: it may be restored, or its disk mounted again. */
const retryMs = 2000

/**
 * Calls `notify` with the resources that have changed whenever the log grows, until `signal` aborts. The status also
 * changes when the log becomes unreadable or readable again: a client that reads it gets the error.
 */
export const notifyUpdates = async (
  queue: LocalQueue,
  notify: (uri: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  let isReadable = true
  while (!signal.aborted) {
    const seq = await queue.query(state => state.seq)()
    if (E.isRight(seq)) {
      if (!isReadable) notify(statusUri)
      isReadable = true
      await notifyChanges(seq.right, queue, notify, signal)
    }
    if (isReadable && !signal.aborted) notify(statusUri)
    isReadable = false
    await pause(retryMs, signal)
  }
}

/** Reports the changes after `seq` until the log cannot be read. */
const notifyChanges = async (
  seq: number,
  queue: LocalQueue,
  notify: (uri: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  for await (const batch of queue.followEvents(seq, signal)) {
    if (E.isLeft(batch)) return
    const changed = new Set([statusUri])
    for (const event of batch.right) {
      const taskId = eventTaskId(event)
      if (taskId !== undefined) changed.add(taskUri(taskId))
    }
    for (const uri of changed) notify(uri)
    await pause(pauseMs, signal)
  }
}
