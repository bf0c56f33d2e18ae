import * as E from 'fp-ts/lib/Either.js'
import type { Numbered, ReadFailure } from '@claimlog/event-log'
import { ioFailed } from '../disk/io-failure.ts'
import { copyBytes, type LogFile, type Source } from '../disk/log-file.ts'
import { parseLine, type Position, startOfLog } from '../format/line.ts'
import type { Side } from './sides.ts'

/** Passes the events of a side, whose chain is known to be sound, to `onEvents`. */
export const readSide = <A extends Numbered>(
  { path, codec }: Source<A>,
  file: LogFile,
  { pieces }: Side,
  take: (events: ReadonlyArray<A>) => void,
): E.Either<ReadFailure, void> => {
  let place: Position = startOfLog
  let failed: ReadFailure | undefined
  let rest = Buffer.alloc(0)
  const takeLine = (line: string, offset: number): A | undefined => {
    const parsed = parseLine(path, codec, { ...place, offset }, line)
    if (E.isLeft(parsed)) {
      failed = parsed.left
      return undefined
    }
    place = { ...place, seq: place.seq + 1 }
    return parsed.right.event
  }
  const takeBytes = (bytes: Buffer, offset: number): void => {
    const whole = Buffer.concat([rest, bytes])
    const start = offset - rest.length
    const events: Array<A> = []
    let at = 0
    for (let end = whole.indexOf(0x0a); end !== -1 && failed === undefined; end = whole.indexOf(0x0a, at)) {
      const event = takeLine(whole.toString('utf8', at, end), start + at)
      if (event !== undefined) events.push(event)
      at = end + 1
    }
    rest = Buffer.from(whole.subarray(at))
    if (events.length > 0) take(events)
  }
  try {
    for (const { from, to, newline } of pieces) {
      copyBytes(file.current(), from, to, takeBytes)
      if (newline) takeBytes(Buffer.from('\n'), to)
    }
  } catch (thrown) {
    return E.left(ioFailed(path, 'read', thrown))
  }
  return failed === undefined ? E.right(undefined) : E.left(failed)
}
