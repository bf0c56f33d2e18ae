import { type Event, lineCodec } from '@claimlog/domain'
import * as E from 'fp-ts/lib/Either.js'
import type { ReadFailure } from '../../packages/event-log/src/log-failure.ts'
import { openChainReader } from '../../packages/event-log-file/src/read/chain-reader.ts'
import { type Disk, realDisk } from '../../packages/event-log-file/src/disk/disk.ts'
import { OpenFile } from '../../packages/event-log-file/src/disk/log-file.ts'

/** The path of the log in messages; no such file exists. */
export const pathInMemory = '/log/events.jsonl'

/** A disk with a single file of `bytes`. */
const holding = (bytes: Buffer): Disk => ({
  ...realDisk,
  open: () => 0,
  read: (_fd, buffer, at, length, offset) => bytes.copy(buffer, at, offset, Math.min(bytes.length, offset + length)),
})

/** The result of reading a log: the events, in batches as delivered, and the failure that ended the read. */
export type Read = {
  readonly batches: ReadonlyArray<ReadonlyArray<Event>>
  readonly events: ReadonlyArray<Event>
  /** The seq of the last accepted line. */
  readonly seq: number
  readonly failure: ReadFailure | undefined
}

/** Reads `bytes` with the log's own reader, from start to end. */
export const readBytes = (bytes: Buffer): Read => {
  const batches: Array<ReadonlyArray<Event>> = []
  const file = OpenFile.open(holding(bytes), pathInMemory, 'read')
  const cursor = openChainReader<Event>(pathInMemory, lineCodec, events => batches.push(events))
  let failure: ReadFailure | undefined
  for (let more = true; more;) {
    const step = cursor.readChunk(file, bytes.length)
    more = E.isRight(step) && step.right
    if (E.isLeft(step)) failure = step.left
  }
  return { batches, events: batches.flat(), seq: cursor.position().seq, failure }
}
