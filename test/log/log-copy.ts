import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { identity } from 'fp-ts/lib/function.js'
import { encodeEvent, type Event } from '@claimlog/domain'
import { logFileName, tornFileName } from '@claimlog/event-log-file'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { type Log, openLog } from './full-log.ts'

/** A log file that a test changes in place: always the same file, whatever it holds. */
export type LogCopy = {
  readonly dir: string
  readonly path: string
  /** The file holds the first `length` of `bytes`, and nothing else. */
  readonly hold: (bytes: Buffer, length?: number) => void
  /** Puts one byte over another. */
  readonly put: (at: number, byte: number) => void
  readonly at: (at: number) => number
  readonly bytes: () => Buffer
  /** What was set aside; undefined: nothing was. */
  readonly torn: () => Buffer | undefined
  readonly forgetTorn: () => void
}

/** An empty log file in a directory of its own, gone after the test. */
export const logCopy = (): LogCopy => {
  const dir = temporaryDirectory()
  const path = join(dir, logFileName)
  const tornPath = join(dir, tornFileName)
  const fd = openSync(path, 'w+')
  onTestFinished(() => closeSync(fd))
  return {
    dir,
    path,
    hold: (bytes, length = bytes.length) => {
      ftruncateSync(fd, length)
      writeSync(fd, bytes, 0, length, 0)
    },
    put: (at, byte) => {
      writeSync(fd, Uint8Array.of(byte), 0, 1, at)
    },
    at: at => {
      const byte = Buffer.alloc(1)
      readSync(fd, byte, 0, 1, at)
      return byte.readUInt8()
    },
    bytes: () => {
      const bytes = Buffer.alloc(fstatSync(fd).size)
      readSync(fd, bytes, 0, bytes.length, 0)
      return bytes
    },
    torn: () => (existsSync(tornPath) ? readFileSync(tornPath) : undefined),
    forgetTorn: () => rmSync(tornPath, { force: true }),
  }
}

/**
 * What a reader of a log was given, as the text of its lines (one text, as it is compared some hundred thousand times),
 * and where it was told that the log ends, or why not.
 */
export type Reading = { readonly text: string; readonly end: unknown }

const textOf = (events: ReadonlyArray<Event>): string => events.map(event => `${encodeEvent(event)}\n`).join('')

/** Reads `log` after `seq`. */
export const readAfter = async (log: Log, seq: number): Promise<Reading> => {
  let text = ''
  const end = await log.readAfter(seq, events => (text += textOf(events)))()
  return { text, end: E.isLeft(end) ? end.left : end.right }
}

/** Asks `log`, read up to `from`, to append the event that `next` makes after its end; `end` is then `written`. */
export const writeAfter = async (log: Log, from: number, next: (seq: number) => Event): Promise<Reading> => {
  let text = ''
  let seq = from
  const follower = {
    get seq() {
      return seq
    },
    take: (events: ReadonlyArray<Event>) => {
      text += textOf(events)
      seq += events.length
    },
  }
  const done = await log.transact(follower, () => E.right({ events: [next(seq + 1)] }), identity)()
  return { text, end: E.isLeft(done) ? done.left : 'written' }
}

/** Runs `body` on the log in `dir`, which is opened for it and closed after it. */
export const inLog = async <A>(dir: string, body: (log: Log) => Promise<A>): Promise<A> => {
  const log = await openLog(dir)
  try {
    return await body(log)
  } finally {
    await log.close()
  }
}
