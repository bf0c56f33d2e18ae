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
import { type SampleLog, openLog } from './sample-log.ts'

/** A log file that a test changes in place. */
export type LogCopy = {
  readonly dir: string
  readonly path: string
  /** Replaces the content with the first `length` bytes of `bytes`. */
  readonly replace: (bytes: Buffer, length?: number) => void
  /** Overwrites one byte. */
  readonly setByte: (offset: number, byte: number) => void
  readonly getByte: (offset: number) => number
  readonly readBytes: () => Buffer
  /** The content of `events.torn`; undefined if it does not exist. */
  readonly readTorn: () => Buffer | undefined
  readonly deleteTorn: () => void
}

/** Creates an empty log file in a temporary directory, deleted after the test. */
export const createLogCopy = (): LogCopy => {
  const dir = temporaryDirectory()
  const path = join(dir, logFileName)
  const tornPath = join(dir, tornFileName)
  const fd = openSync(path, 'w+')
  onTestFinished(() => closeSync(fd))
  return {
    dir,
    path,
    replace: (bytes, length = bytes.length) => {
      ftruncateSync(fd, length)
      writeSync(fd, bytes, 0, length, 0)
    },
    setByte: (offset, byte) => {
      writeSync(fd, Uint8Array.of(byte), 0, 1, offset)
    },
    getByte: offset => {
      const byte = Buffer.alloc(1)
      readSync(fd, byte, 0, 1, offset)
      return byte.readUInt8()
    },
    readBytes: () => {
      const bytes = Buffer.alloc(fstatSync(fd).size)
      readSync(fd, bytes, 0, bytes.length, 0)
      return bytes
    },
    readTorn: () => (existsSync(tornPath) ? readFileSync(tornPath) : undefined),
    deleteTorn: () => rmSync(tornPath, { force: true }),
  }
}

/**
 * The result of reading a log: the text of its lines (one text, because it is compared some 100,000 times), and the seq
 * of the end or the failure.
 */
export type ReadResult = { readonly text: string; readonly end: unknown }

const encodeEvents = (events: ReadonlyArray<Event>): string => events.map(event => `${encodeEvent(event)}\n`).join('')

/** Reads `log` after `seq`. */
export const readLog = async (log: SampleLog, seq: number): Promise<ReadResult> => {
  let text = ''
  const end = await log.read(seq, events => (text += encodeEvents(events)))()
  return { text, end: E.isLeft(end) ? end.left : end.right }
}

/** Appends the event from `nextEvent` to `log`, which was read up to `startSeq`; `end` is `written` if it succeeds. */
export const appendEvent = async (
  log: SampleLog,
  startSeq: number,
  nextEvent: (seq: number) => Event,
): Promise<ReadResult> => {
  let text = ''
  let seq = startSeq
  const fold = {
    get seq() {
      return seq
    },
    apply: (events: ReadonlyArray<Event>) => {
      text += encodeEvents(events)
      seq += events.length
    },
  }
  const result = await log.transact(fold, () => E.right({ events: [nextEvent(seq + 1)] }), identity)()
  return { text, end: E.isLeft(result) ? result.left : 'written' }
}

/** Opens the log in `dir`, runs `body` on it, and closes it. */
export const withLog = async <A>(dir: string, body: (log: SampleLog) => Promise<A>): Promise<A> => {
  const log = await openLog(dir)
  try {
    return await body(log)
  } finally {
    await log.close()
  }
}
