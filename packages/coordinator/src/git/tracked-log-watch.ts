import { join } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import type { WorkspaceNotice } from '../workspace-notice.ts'
import { findTrackedLog } from './tracked-log.ts'

/** A process that runs for long looks again after so many seconds. */
const lookAgainS = 60

/** Tells once if git tracks the log in `dir`; called before each command, looks before the first and now and then. */
export const trackedLogWatch = (dir: string, notify: (notice: WorkspaceNotice) => void): (() => void) => {
  let nextLookS = 0
  return () => {
    // A clock that nobody can set. Not `performance`, which takes 2 ms to load.
    const now = process.uptime()
    if (now < nextLookS) return
    const tracked = findTrackedLog(dir)
    nextLookS = tracked === undefined ? now + lookAgainS : Infinity
    if (tracked !== undefined) notify({ notice: 'LogTracked', path: join(dir, logFileName), ...tracked })
  }
}
