import { join } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { findTrackedLog, type TrackedLog } from './tracked-log.ts'

/** Git tracks the log, and so copies, rewinds and deletes it. `path`: the log's. */
export type LogTracked = { readonly notice: 'LogTracked'; readonly path: string } & TrackedLog

/** A process that runs for long looks again after so long. */
const lookAgainMs = 60_000

/** Tells once if git tracks the log in `dir`; called before each command, looks before the first and now and then. */
export const trackedLogWatch = (dir: string, notify: (notice: LogTracked) => void): (() => void) => {
  let lookedAtMs: number | undefined
  let told = false
  return () => {
    if (told) return
    // A clock that is set has it look once more, or a little later.
    const now = Date.now()
    if (lookedAtMs !== undefined && Math.abs(now - lookedAtMs) < lookAgainMs) return
    lookedAtMs = now
    const tracked = findTrackedLog(dir)
    told = tracked !== undefined
    if (tracked !== undefined) notify({ notice: 'LogTracked', path: join(dir, logFileName), ...tracked })
  }
}
