import type { Time } from '@claimlog/domain'
import type { LogTracked } from '@claimlog/discovery'
import type { QueueFileNotice } from '@claimlog/queue-file'

/** A process whose clock was ahead wrote to the log: its latest time is `time`, and this clock shows `nowMs`. */
export type LogAhead = { readonly notice: 'LogAhead'; readonly time: Time; readonly nowMs: number }

/** Something that a user should know about a workspace; it does not stop anything. */
export type WorkspaceNotice = QueueFileNotice | LogTracked | LogAhead
