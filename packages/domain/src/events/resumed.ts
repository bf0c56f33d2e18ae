import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'
import { Kind } from '../values/scalars.ts'

/** Tasks of the kind can be claimed again. */
export const Resumed = eventCodec('resumed', { kind: Kind }, { reason: Text })
export type Resumed = t.TypeOf<typeof Resumed>
