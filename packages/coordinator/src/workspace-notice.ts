import type { Time } from '@claimlog/domain'
import type { TrackedLog } from './git/tracked-log.ts'
import type { QueueFileNotice } from './queue-file-refresh.ts'

/** Git tracks the log, and so copies, rewinds and deletes it. `path`: the log's. */
export type LogTracked = { readonly notice: 'LogTracked'; readonly path: string } & TrackedLog

/** The log was written to by a process whose clock was ahead: its latest time is `time`, and it is `nowMs` by this clock. */
export type LogAhead = { readonly notice: 'LogAhead'; readonly time: Time; readonly nowMs: number }

/** What should be known of a workspace, and stops nothing. */
export type WorkspaceNotice = QueueFileNotice | LogTracked | LogAhead
