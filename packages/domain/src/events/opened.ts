import * as t from 'io-ts'
import { Backoff } from '../values/backoff.ts'
import { Count, DurationMs } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/** The only format that this version reads and writes; any other is refused. */
export const format = 1

/** Always line 1: the log's format, the workspace's id and its defaults. */
export const Opened = eventCodec(
  'opened',
  { format: t.literal(format), workspace: t.string, lease_ms: DurationMs, max_attempts: Count, backoff: Backoff },
  {},
)
export type Opened = t.TypeOf<typeof Opened>
