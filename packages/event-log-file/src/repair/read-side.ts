import * as E from 'fp-ts/lib/Either.js'
import type { Numbered, ReadFailure } from '@claimlog/event-log'
import { toIoFailed } from '../disk/io-failure.ts'
import { forEachChunk, type LogFile, type LogContext } from '../disk/log-file.ts'
import { parseLine, type LogPosition, startOfLog } from '@claimlog/event-log-line'
import type { Side } from './find-sides.ts'

/** Passes the events of a side, whose chain is known to be sound, to `onEvents`. */
export const readSide = <A extends Numbered>(
  { path, codec }: LogContext<A>,
  file: LogFile,
  { ranges }: Side,
  onEvents: (events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, void> => {
  let position: LogPosition = startOfLog
  let failure: ReadFailure | undefined
  let rest = Buffer.alloc(0)
  const parseSideLine = (line: string, offset: number): A | undefined => {
    const parseResult = parseLine(path, codec, { ...position, offset }, line)
    if (E.isLeft(parseResult)) {
      failure = parseResult.left
      return undefined
    }
    position = { ...position, seq: position.seq + 1 }
    return parseResult.right.event
  }
  const onBytes = (bytes: Buffer, offset: number): void => {
    const whole = Buffer.concat([rest, bytes])
    const start = offset - rest.length
    const events: Array<A> = []
    let lineStart = 0
    for (let end = whole.indexOf(0x0a); end !== -1 && failure === undefined; end = whole.indexOf(0x0a, lineStart)) {
      const event = parseSideLine(whole.toString('utf8', lineStart, end), start + lineStart)
      if (event !== undefined) events.push(event)
      lineStart = end + 1
    }
    rest = Buffer.from(whole.subarray(lineStart))
    if (events.length > 0) onEvents(events)
  }
  try {
    for (const { from, to, newline } of ranges) {
      forEachChunk(file.current(), from, to, onBytes)
      if (newline) onBytes(Buffer.from('\n'), to)
    }
  } catch (thrown) {
    return E.left(toIoFailed(path, 'read', thrown))
  }
  return failure === undefined ? E.right(undefined) : E.left(failure)
}
