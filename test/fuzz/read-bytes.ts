import { type Event, lineCodec } from '@claimlog/domain'
import * as E from 'fp-ts/lib/Either.js'
import type { ReadFailure } from '../../packages/event-log/src/log-failure.ts'
import { openChainReader } from '../../packages/event-log-file/src/read/chain-reader.ts'
import { type Disk, realDisk } from '../../packages/event-log-file/src/disk/disk.ts'
import { OpenFile } from '../../packages/event-log-file/src/disk/log-file.ts'

/** The path of the log in messages; no such file exists. */
export const memoryPath = '/log/events.jsonl'

/** A disk with a single file of `bytes`. */
const createMemoryDisk = (bytes: Buffer): Disk => ({
  ...realDisk,
  open: () => 0,
  read: (_fd, buffer, position, length, offset) =>
    bytes.copy(buffer, position, offset, Math.min(bytes.length, offset + length)),
})

/** The result of reading a log: the events, in batches as delivered, and the failure that ended the read. */
export type LogReadResult = {
  readonly batches: ReadonlyArray<ReadonlyArray<Event>>
  readonly events: ReadonlyArray<Event>
  /** The seq of the last accepted line. */
  readonly seq: number
  readonly failure: ReadFailure | undefined
}

/** Reads `bytes` with the log's own reader, from start to end. */
export const readBytes = (bytes: Buffer): LogReadResult => {
  const batches: Array<ReadonlyArray<Event>> = []
  const file = OpenFile.open(createMemoryDisk(bytes), memoryPath, 'read')
  const cursor = openChainReader<Event>(memoryPath, lineCodec, events => batches.push(events))
  let failure: ReadFailure | undefined
  for (let hasMore = true; hasMore;) {
    const step = cursor.readChunk(file, bytes.length)
    hasMore = E.isRight(step) && step.right
    if (E.isLeft(step)) failure = step.left
  }
  return { batches, events: batches.flat(), seq: cursor.position().seq, failure }
}
