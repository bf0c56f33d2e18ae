import type { Time } from '@claimlog/domain'
import type { LogTracked } from '@claimlog/discovery'
import type { QueueFileNotice } from '@claimlog/queue-file'

/** The log was written to by a process whose clock was ahead: its latest time is `time`, and it is `nowMs` by this clock. */
export type LogAhead = { readonly notice: 'LogAhead'; readonly time: Time; readonly nowMs: number }

/** What should be known of a workspace, and stops nothing. */
export type WorkspaceNotice = QueueFileNotice | LogTracked | LogAhead
