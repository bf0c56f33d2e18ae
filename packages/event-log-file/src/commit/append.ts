import * as E from 'fp-ts/lib/Either.js'
import type { Address, IoFailed, Numbered, TooLarge } from '@claimlog/event-log'
import type { Position } from '../format/position.ts'
import type { EventCodec } from '../format/event-codec.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { maxLineBytes, sealLine } from '../format/line.ts'
import type { LogFile } from '../disk/log-file.ts'
import type { Source } from '../disk/source.ts'
import { setAsideTornTail } from './torn-tail.ts'
import { appendAll } from '../disk/whole-writes.ts'

/** The place after a decision, and where each of its events stands. */
export type Appended = { readonly position: Position; readonly addresses: ReadonlyArray<Address> }

/** The lines of one decision. */
type Sealed = Appended & { readonly bytes: Uint8Array }

/** For the bytes of a decision of one short line, which are written before another is made: a buffer of its own costs more than the write. */
const lineBuffer = Buffer.allocUnsafeSlow(4096)
const mostBytesPerUnit = 3

/** The bytes of a line, good until the next one is made. */
const bytesOf = (line: string): Buffer =>
  line.length * mostBytesPerUnit <= lineBuffer.length
    ? lineBuffer.subarray(0, lineBuffer.write(line))
    : Buffer.from(line)

const seal = <A extends Numbered>(
  codec: EventCodec<A>,
  events: ReadonlyArray<A>,
  { seq, offset, hash }: Position,
): E.Either<TooLarge, Sealed> => {
  let text = ''
  let previous = hash
  let end = offset
  const addresses: Array<Address> = []
  const last = events.length - 1
  // Most decisions are of one line, whose bytes are then made and counted in one go.
  let only: Buffer | undefined
  for (let i = 0; i <= last; i += 1) {
    const { line, hash: next } = sealLine(previous, codec.encode(events[i] as A), i < last)
    if (last === 0) only = bytesOf(line)
    const bytes = only?.length ?? Buffer.byteLength(line)
    if (bytes > maxLineBytes) return E.left({ failure: 'TooLarge', bytes, maxBytes: maxLineBytes })
    if (only === undefined) text += line
    addresses.push(end)
    end += bytes
    previous = next
  }
  const position = { seq: seq + events.length, lineOffset: addresses[last] ?? offset, offset: end, hash: previous }
  return E.right({ bytes: only ?? Buffer.from(text), addresses, position })
}

/**
 * Appends one decision at `end`, the log's last whole one, and answers where the log ends then and its events stand. What
 * stands there unfinished is set aside first. A write that fails is taken back, so that nothing of it is ever read.
 */
export const appendDecision = <A extends Numbered>(
  { disk, path, codec }: Source<A>,
  file: LogFile,
  end: Position,
  events: ReadonlyArray<A>,
): E.Either<IoFailed | TooLarge, Appended> => {
  const sealed = seal(codec, events, end)
  if (E.isLeft(sealed)) return sealed
  try {
    if (file.size() > end.offset) setAsideTornTail(disk, path, file.current(), end.offset, file.size())
  } catch (thrown) {
    return E.left(ioFailed(path, 'set aside the torn tail of', thrown))
  }
  try {
    appendAll(file.current(), sealed.right.bytes)
    file.grownTo(sealed.right.position.offset)
    return sealed
  } catch (thrown) {
    const failure = ioFailed(path, 'write', thrown)
    try {
      file.current().truncate(end.offset)
    } catch {
      // It has no last line, so no reader takes it for a decision, and the next writer sets it aside.
    }
    return E.left(failure)
  }
}
