import type * as t from 'io-ts'
import { orNull } from '@claimlog/codecs'
import { Count, Kind } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/** At most `limit` tasks of the kind are claimed at once; null: as many as there are. */
export const Limited = eventCodec('limited', { kind: Kind, limit: orNull(Count) }, {})
export type Limited = t.TypeOf<typeof Limited>
