import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Numbered, ReadFailure, OnEvents } from '@claimlog/event-log'
import { type LogPosition, startOfLog } from '@claimlog/event-log-line'
import { realDisk, realTimers } from '../disk/disk.ts'
import type { EventCodec } from '@claimlog/event-log-line'
import { logFileName } from '../file-log.ts'
import { readEvents } from './log-reader.ts'

/** The result of reading a log from its first byte to its last. */
export type Scan = {
  readonly path: string
  /** The last event, and the hash of its line. */
  readonly seq: number
  readonly hash: string
  /** The bytes after that: a line, or a decision of several lines, that its writer did not finish. */
  readonly unfinishedBytes: number
  /** The byte at which a line starts. */
  readonly findLineOffset: (line: number) => number
}

/**
 * Reads a whole log, checking the seq, the chain and the shape of every line, and passes its events to `onEvents` in
 * order.
 */
export const scanFileLog =
  <A extends Numbered>(
    { dir, codec }: { readonly dir: string; readonly codec: EventCodec<A> },
    onEvents: OnEvents<A>,
  ): TE.TaskEither<ReadFailure, Scan> =>
  async () => {
    const logPath = join(dir, logFileName)
    const source = { disk: realDisk, timers: realTimers, path: logPath, codec }
    return E.map(toScan(logPath))(await readEvents(source, 0, startOfLog, onEvents)())
  }

/** Reads a log in a file of any name, checking it as {@link scanFileLog} does, and returns its last seq. */
export const readLogFile =
  <A extends Numbered>(
    { path, codec }: { readonly path: string; readonly codec: EventCodec<A> },
    onEvents: OnEvents<A>,
  ): TE.TaskEither<ReadFailure, number> =>
  async () => {
    const source = { disk: realDisk, timers: realTimers, path, codec }
    return E.map(({ seq }: LogPosition) => seq)(await readEvents(source, 0, startOfLog, onEvents)())
  }

const toScan =
  (path: string) =>
  ({ seq, hash, offset }: LogPosition): Scan => {
    const unfinishedBytes = Math.max(0, statSync(path).size - offset)
    return { path, seq, hash, unfinishedBytes, findLineOffset: line => findLineOffset(path, line) }
  }

const findLineOffset = (logPath: string, line: number): number => {
  const bytes = readFileSync(logPath)
  let offset = 0
  for (let n = 1; n < line; n += 1) offset = bytes.indexOf(0x0a, offset) + 1
  return offset
}
