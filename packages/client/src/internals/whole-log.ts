import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { emptyState, encodeEvent, type Event, fold, lineCodec, type State } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import { logFileName, scanFileLog, encodeLine } from '@claimlog/event-log-file'

/** A log that is being written. */
export type LogWriter = {
  readonly write: (event: Event) => void
  readonly close: () => void
}

const bytesPerWrite = 1 << 22

/**
 * Writes a new log in `dir`, several hundred thousand events per second. Each event is a separate decision in the chain
 * of hashes, and is not checked against the events before. Benchmarks create large queues with it.
 */
export const writeLog = (dir: string): LogWriter => {
  mkdirSync(dir, { recursive: true })
  const fd = openSync(join(dir, logFileName), 'wx')
  let hash = ''
  let text = ''
  const flush = (): void => {
    writeSync(fd, text)
    text = ''
  }
  return {
    write: event => {
      const sealedLine = encodeLine(hash, encodeEvent(event), false)
      hash = sealedLine.hash
      text += sealedLine.line
      if (text.length > bytesPerWrite) flush()
    },
    close: () => {
      try {
        flush()
      } finally {
        closeSync(fd)
      }
    },
  }
}

/** Reads, checks and folds the whole log in `dir`, like a queue without a checkpoint. */
export const replayLog =
  (dir: string): TE.TaskEither<ReadFailure, State> =>
  async () => {
    let state = emptyState()
    const scan = await scanFileLog<Event>({ dir, codec: lineCodec }, events => {
      state = fold(state, events)
    })()
    return E.isLeft(scan) ? scan : E.right(state)
  }
