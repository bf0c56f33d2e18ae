import { isUtf8 } from 'node:buffer'
import * as E from 'fp-ts/lib/Either.js'
import type { LogOffset, IoFailed, Numbered } from '@claimlog/event-log'
import { readLineHash } from './log-reader.ts'
import { toIoFailed } from '../disk/io-failure.ts'
import { isChained, lineBytesMax } from '@claimlog/event-log-line'
import { type LogFile, type OpenFile, readFully, type LogContext } from '../disk/log-file.ts'

/** Enough for most lines. */
const shortLineBytesMax = 1024

const newline = 0x0a

/**
 * The events of the lines that start at the bytes `offsets`, each checked against the hash of the line before it.
 * undefined: not all of them are there.
 */
export const readByOffset = <A extends Numbered>(
  { path, codec }: LogContext<A>,
  file: LogFile,
  offsets: ReadonlyArray<LogOffset>,
): E.Either<IoFailed, ReadonlyArray<A> | undefined> => {
  const events: Array<A> = []
  try {
    for (const lineOffset of offsets) {
      const line = readChainedLine(file.current(), lineOffset)
      const event = line === undefined ? undefined : codec.decode(JSON.parse(line))
      if (event === undefined || E.isLeft(event)) return E.right(undefined)
      events.push(event.right)
    }
    return E.right(events)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return E.right(undefined)
    return E.left(toIoFailed(path, 'read', thrown))
  }
}

/**
 * The line that starts at byte `offset`, without its newline; undefined: no line there is chained to the one before it.
 */
const readChainedLine = (file: OpenFile, offset: number): string | undefined => {
  const previous = offset === 0 ? '' : readLineHash(file, offset)
  const line = readLine(file, offset)
  if (previous === undefined || line === undefined) return undefined
  return isChained(previous, line) ? line : undefined
}

const readLine = (file: OpenFile, offset: number): string | undefined => {
  for (const length of [shortLineBytesMax, lineBytesMax]) {
    const bytes = readFully(file, Buffer.allocUnsafe(length), offset)
    const end = bytes.indexOf(newline)
    if (end >= 0) return isUtf8(bytes.subarray(0, end)) ? bytes.toString('utf8', 0, end) : undefined
  }
  return undefined
}
