import type * as t from 'io-ts'
import { nullable } from '@claimlog/codecs'
import { Count, Kind } from '../values/scalars.ts'
import { eventCodec } from './event-codec.ts'

/** At most `limit` tasks of the kind may be claimed at once; null: no limit. */
export const Limited = eventCodec('limited', { kind: Kind, limit: nullable(Count) }, {})
export type Limited = t.TypeOf<typeof Limited>
