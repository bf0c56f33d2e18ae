import * as E from 'fp-ts/lib/Either.js'
import { type LocalQueue, pause, eventTaskId } from '@claimlog/client/unstable-internals'
import { statusUri, taskUri } from './uris.ts'

/** The minimum time between notifications while events are appended continuously. */
const pauseMs = 250

/** The retry interval for an unreadable log: it may be restored, or its disk mounted again. */
const retryMs = 2000

/**
 * Calls `tell` with the resources that have changed whenever the log grows, until `signal` aborts. The status also
 * changes when the log becomes unreadable or readable again: a client that reads it gets the error.
 */
export const tellUpdates = async (
  queue: LocalQueue,
  tell: (uri: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  let isReadable = true
  while (!signal.aborted) {
    const now = await queue.query(({ seq }) => seq)()
    if (E.isRight(now)) {
      if (!isReadable) tell(statusUri)
      isReadable = true
      await tellFrom(now.right, queue, tell, signal)
    }
    if (isReadable && !signal.aborted) tell(statusUri)
    isReadable = false
    await pause(retryMs, signal)
  }
}

/** Reports the changes after `seq` until the log cannot be read. */
const tellFrom = async (
  seq: number,
  queue: LocalQueue,
  tell: (uri: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  for await (const batch of queue.followEvents(seq, signal)) {
    if (E.isLeft(batch)) return
    const changed = new Set([statusUri])
    for (const event of batch.right) {
      const taskId = eventTaskId(event)
      if (taskId !== undefined) changed.add(taskUri(taskId))
    }
    for (const uri of changed) tell(uri)
    await pause(pauseMs, signal)
  }
}
