import * as E from 'fp-ts/lib/Either.js'
import { type LocalQueue, pause, taskIdOf } from '@claimlog/client/unstable-internals'
import { statusUri, taskUri } from './uris.ts'

/** While others append one event after the other, updates are told so often. */
const pauseMs = 250

/** A log that cannot be read is tried again so often: its history may be put back, its disk be mounted again. */
const retryMs = 2000

/**
 * Tells by `tell` which resources have changed, whenever the log has grown, until `signal` aborts. If the log cannot be
 * read, and once it can be again, the status has changed: who reads it is told why.
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

/** Tells what changes after `seq`, until the log cannot be read. */
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
      const taskId = taskIdOf(event)
      if (taskId !== undefined) changed.add(taskUri(taskId))
    }
    for (const uri of changed) tell(uri)
    await pause(pauseMs, signal)
  }
}
