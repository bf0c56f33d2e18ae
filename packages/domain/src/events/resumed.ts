import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { Kind } from '../values/names.ts'
import { eventCodec } from './event-codec.ts'

/** Tasks of the kind are handed out again. */
export const Resumed = eventCodec('resumed', { kind: Kind }, { reason: Text })
export type Resumed = t.TypeOf<typeof Resumed>
