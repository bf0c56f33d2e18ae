import type { Time } from '@claimlog/domain'
import type { LogTracked } from '@claimlog/discovery'
import type { QueueFileNotice } from '@claimlog/queue-file'

/**
 * A process whose clock was ahead wrote to the log: its latest time is `time`, and the clock shows `nowMs`, that of this
 * machine or of the log itself.
 */
export type LogAhead = {
  readonly notice: 'LogAhead'
  readonly time: Time
  readonly nowMs: number
  readonly clock: 'machine' | 'log'
}

/** Something that a user should know about a workspace; it does not stop anything. */
export type WorkspaceNotice = QueueFileNotice | LogTracked | LogAhead
