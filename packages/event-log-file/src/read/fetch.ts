import { isUtf8 } from 'node:buffer'
import * as E from 'fp-ts/lib/Either.js'
import type { Address, IoFailed, Numbered } from '@claimlog/event-log'
import { hashBefore } from './reader.ts'
import { ioFailed } from '../disk/io-failure.ts'
import { isChained, maxLineBytes } from '../format/line.ts'
import { type LogFile, type OpenFile, readWhole, type Source } from '../disk/log-file.ts'

/** Enough for most lines. */
const firstBytes = 1024

const newline = 0x0a

/**
 * The events of the lines that start at the bytes `offsets`, each checked against the hash of the line before it.
 * undefined: not all of them are there.
 */
export const fetchLines = <A extends Numbered>(
  { path, codec }: Source<A>,
  file: LogFile,
  addresses: ReadonlyArray<Address>,
): E.Either<IoFailed, ReadonlyArray<A> | undefined> => {
  const events: Array<A> = []
  try {
    for (const address of addresses) {
      const line = chainedLineAt(file.current(), address)
      const event = line === undefined ? undefined : codec.decode(JSON.parse(line))
      if (event === undefined || E.isLeft(event)) return E.right(undefined)
      events.push(event.right)
    }
    return E.right(events)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return E.right(undefined)
    return E.left(ioFailed(path, 'read', thrown))
  }
}

/**
 * The line that starts at byte `offset`, without its newline; undefined: no line there is chained to the one before it.
 */
const chainedLineAt = (file: OpenFile, offset: number): string | undefined => {
  const previous = offset === 0 ? '' : hashBefore(file, offset)
  const line = lineAt(file, offset)
  if (previous === undefined || line === undefined) return undefined
  return isChained(previous, line) ? line : undefined
}

const lineAt = (file: OpenFile, offset: number): string | undefined => {
  for (const length of [firstBytes, maxLineBytes]) {
    const bytes = readWhole(file, Buffer.allocUnsafe(length), offset)
    const end = bytes.indexOf(newline)
    if (end >= 0) return isUtf8(bytes.subarray(0, end)) ? bytes.toString('utf8', 0, end) : undefined
  }
  return undefined
}
