import * as E from 'fp-ts/lib/Either.js'
import type { IoFailed, Numbered, TooLarge } from '@claimlog/event-log'
import type { Position } from './cursor.ts'
import type { EventCodec } from './event-codec.ts'
import { ioFailed } from './io-failure.ts'
import { maxLineBytes, sealLine } from './line.ts'
import type { LogFile } from './log-file.ts'
import type { Source } from './source.ts'
import { setAsideTornTail } from './torn-tail.ts'
import { appendAll } from './whole-writes.ts'

/** The lines of one decision, and the place after them. */
type Sealed = { readonly bytes: Uint8Array; readonly position: Position }

const seal = <A extends Numbered>(
  codec: EventCodec<A>,
  events: ReadonlyArray<A>,
  { seq, offset, hash }: Position,
): E.Either<TooLarge, Sealed> => {
  let text = ''
  let previous = hash
  let lastLine = ''
  const last = events.length - 1
  for (let i = 0; i <= last; i += 1) {
    const { line, hash: next } = sealLine(previous, codec.encode(events[i] as A), i < last)
    // A character is at most three bytes, so a short line needs no counting.
    const bytes = line.length * 3 <= maxLineBytes ? 0 : Buffer.byteLength(line)
    if (bytes > maxLineBytes) return E.left({ failure: 'TooLarge', bytes, maxBytes: maxLineBytes })
    text += line
    lastLine = line
    previous = next
  }
  const bytes = Buffer.from(text)
  const end = offset + bytes.length
  const lineOffset = end - Buffer.byteLength(lastLine)
  return E.right({ bytes, position: { seq: seq + events.length, lineOffset, offset: end, hash: previous } })
}

/**
 * Appends one decision at `end`, the log's last whole one, and answers where the log ends then. What stands there
 * unfinished is set aside first. A write that fails is taken back, so that nothing of it is ever read.
 */
export const appendDecision = <A extends Numbered>(
  { disk, path, codec }: Source<A>,
  file: LogFile,
  end: Position,
  events: ReadonlyArray<A>,
): E.Either<IoFailed | TooLarge, Position> => {
  const sealed = seal(codec, events, end)
  if (E.isLeft(sealed)) return sealed
  try {
    if (file.size() > end.offset) setAsideTornTail(disk, path, file.fd(), end.offset, file.size())
  } catch (thrown) {
    return E.left(ioFailed(path, 'set aside the torn tail of', thrown))
  }
  try {
    appendAll(disk, file.fd(), sealed.right.bytes)
    return E.right(sealed.right.position)
  } catch (thrown) {
    const failure = ioFailed(path, 'write', thrown)
    try {
      disk.truncate(file.fd(), end.offset)
    } catch {
      // It has no last line, so no reader takes it for a decision, and the next writer sets it aside.
    }
    return E.left(failure)
  }
}
