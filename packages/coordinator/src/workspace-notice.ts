import type { TrackedLog } from './git/tracked-log.ts'
import type { QueueFileNotice } from './queue-file-refresh.ts'

/** Git tracks the log, and so copies, rewinds and deletes it. `path`: the log's. */
type LogTracked = { readonly notice: 'LogTracked'; readonly path: string } & TrackedLog

/** What should be known of a workspace, and stops nothing. */
export type WorkspaceNotice = QueueFileNotice | LogTracked
