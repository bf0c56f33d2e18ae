import * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'

/**
 * The log continues elsewhere: `target` is its URL, without a password, or its absolute directory. A log that machines
 * share has an id, `log_id`; a log in a file has none. The line is the last one of the log that is left, and is copied
 * to the log that continues.
 */
export const Moved = eventCodec('moved', { target: Text }, { log_id: t.string })
export type LogMoved = t.TypeOf<typeof Moved>
