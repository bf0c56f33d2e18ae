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

/** A log file that a test changes in place. */
export type LogCopy = {
  readonly dir: string
  readonly path: string
  /** Replaces the content with the first `length` of `bytes`. */
  readonly hold: (bytes: Buffer, length?: number) => void
  /** Overwrites one byte. */
  readonly put: (at: number, byte: number) => void
  readonly at: (at: number) => number
  readonly bytes: () => Buffer
  /** The content of `events.torn`; undefined if it does not exist. */
  readonly torn: () => Buffer | undefined
  readonly forgetTorn: () => void
}

/** Creates an empty log file in a temporary directory, deleted after the test. */
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
 * The result of reading a log: the text of its lines (one text, because it is compared some 100,000 times), and the seq
 * of the end or the failure.
 */
export type Reading = { readonly text: string; readonly end: unknown }

const textOf = (events: ReadonlyArray<Event>): string => events.map(event => `${encodeEvent(event)}\n`).join('')

/** Reads `log` after `seq`. */
export const readAfter = async (log: Log, seq: number): Promise<Reading> => {
  let text = ''
  const end = await log.read(seq, events => (text += textOf(events)))()
  return { text, end: E.isLeft(end) ? end.left : end.right }
}

/** Appends the event that `next` makes to `log`, which was read up to `from`; `end` is `written` if it succeeds. */
export const writeAfter = async (log: Log, from: number, next: (seq: number) => Event): Promise<Reading> => {
  let text = ''
  let seq = from
  const follower = {
    get seq() {
      return seq
    },
    apply: (events: ReadonlyArray<Event>) => {
      text += textOf(events)
      seq += events.length
    },
  }
  const done = await log.transact(follower, () => E.right({ events: [next(seq + 1)] }), identity)()
  return { text, end: E.isLeft(done) ? done.left : 'written' }
}

/** Opens the log in `dir`, runs `body` on it, and closes it. */
export const inLog = async <A>(dir: string, body: (log: Log) => Promise<A>): Promise<A> => {
  const log = await openLog(dir)
  try {
    return await body(log)
  } finally {
    await log.close()
  }
}
