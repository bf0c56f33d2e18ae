import { join } from 'node:path'
import type { Checkpoint } from '@claimlog/checkpoint'
import type { PlaceOnServer } from '@claimlog/discovery'
import { timeFromMs } from '@claimlog/domain'
import { derivedFiles } from '@claimlog/queue-file'
import { currentState } from '@claimlog/workspace'
import type { QueueQuery } from '../local-queue.ts'
import { cacheDir, findLogId } from '../log/server-cache.ts'

/**
 * Runs a query on the last checkpoint of a log on a server, and connects to nothing. The state may be old, and has not
 * been compared with the log: good for suggestions only. undefined: no command here has opened the log, or it is so
 * short that it has no checkpoint.
 */
export const queryCheckpoint = async <A>(place: PlaceOnServer, query: QueueQuery<A>): Promise<A | undefined> => {
  const logId = findLogId(place.url)
  if (logId === undefined) return undefined
  const { openCheckpoint } = await import('@claimlog/checkpoint')
  // The files are in the cache, too, if the named directory is or was read-only.
  const dirs = [...(place.dir === undefined ? [] : [place.dir]), cacheDir(logId)]
  let checkpoint: Checkpoint | undefined
  for (const dir of dirs) checkpoint ??= openCheckpoint(join(dir, derivedFiles.dir)).checkpoint
  if (checkpoint === undefined) return undefined
  const current = currentState(logId)
  try {
    current.rebase(checkpoint)
    return query(current.get(), timeFromMs(Date.now()))
  } finally {
    current.close()
  }
}
