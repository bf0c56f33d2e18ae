import type * as t from 'io-ts'
import { Text } from '@claimlog/codecs'
import { eventCodec } from './event-codec.ts'
import { Kind } from '../values/scalars.ts'

/** No more claims of the kind. */
export const Paused = eventCodec('paused', { kind: Kind }, { reason: Text })
export type Paused = t.TypeOf<typeof Paused>
