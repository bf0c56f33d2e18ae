import type { Disk } from './disk.ts'
import type { EventCodec } from '../format/event-codec.ts'
import type { Timers } from './timers.ts'

/** A file on a disk. */
export type Place = { readonly disk: Disk; readonly timers: Timers; readonly path: string }

/** What it takes to read a log. */
export type Source<A> = Place & { readonly codec: EventCodec<A> }
