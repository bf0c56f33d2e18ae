import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogDamaged } from '@claimlog/event-log'
import { logFileName } from '@claimlog/event-log-file'
import { queueFileName, readQueueFile } from '@claimlog/queue-file'

/** Line 1 of a log is shorter, and a log without a whole line holds nothing. */
const longestFirstLine = 1024

/** Says that the log in `dir` was emptied or deleted: it has no event, though `queue.json` was written from some. */
export const findLostLog = (dir: string): LogDamaged | undefined => {
  const path = join(dir, logFileName)
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats !== undefined && (!stats.isFile() || stats.size > longestFirstLine)) return undefined
    if (stats !== undefined && readFileSync(path).includes(0x0a)) return undefined
    const { seq = 0 } = readQueueFile(join(dir, queueFileName))
    // After line 1 there is no task yet, and no token.
    if (seq <= 1) return undefined
    const what = stats === undefined ? 'the log is gone' : 'the log has no event'
    const detail = `${what}, but queue.json was written from it at seq ${seq}: it was emptied or deleted`
    return { failure: 'LogDamaged', path, line: 1, offset: 0, detail, cause: 'emptied' }
  } catch {
    // Whoever opens the log says why it cannot be read.
    return undefined
  }
}
