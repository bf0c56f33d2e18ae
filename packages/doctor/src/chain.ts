import * as E from 'fp-ts/lib/Either.js'
import type { ReadFailure } from '@claimlog/event-log'
import { logFileName } from '@claimlog/event-log-file'
import { counted, damageHint } from '@claimlog/messages'
import type { Finding } from './check.ts'
import type { LogReading } from './log-reading.ts'

/** Whether every line has its seq, its place in the chain of hashes, and a shape that this version knows. */
export const checkChain = ({ scan }: LogReading): Finding => {
  if (E.isLeft(scan)) return failed(scan.left)
  const { seq, hash } = scan.right
  if (seq === 0) return { state: 'ok', message: 'there is no line yet', seq }
  return { state: 'ok', message: `${counted(seq, 'line')}, each with its seq, hash and shape`, seq, hash }
}

const failed = (failure: ReadFailure): Finding => {
  switch (failure.failure) {
    case 'LogDamaged': {
      const { line, offset, detail, cause } = failure
      return {
        ...{ state: 'wrong', message: `line ${line}, at byte ${offset}, is damaged: ${detail}` },
        mend:
          cause !== undefined
            ? damageHint(cause)
            : `keep a copy of ${logFileName} before anything else; claimlog repair shows what it would do, ` +
              'and a backup what the line was',
        ...{ error: 'log_damaged', line, offset, ...(cause && { cause }) },
      }
    }
    case 'HistoryChanged':
      return {
        ...{ state: 'wrong', message: `the log changed while it was read: ${failure.detail}` },
        mend: 'it was put back or replaced just now: look again',
      }
    case 'UnknownFormat': {
      const { line, offset, detail } = failure
      return {
        ...{ state: 'wrong', message: `line ${line}, at byte ${offset}: ${detail}` },
        mend: 'a newer claimlog wrote this; install that version',
        ...{ error: 'unknown_format', line, offset },
      }
    }
    case 'Closed':
      throw new Error('doctor reads a log through a scan, and nobody can close that')
    case 'NoLog':
      return { state: 'wrong', message: `${logFileName} is gone`, mend: 'somebody moved it just now: look again' }
    case 'IoFailed': {
      const { operation, detail } = failure
      return {
        ...{ state: 'wrong', message: `could not ${operation} ${logFileName}: ${detail}`, error: 'io_failed' },
        mend: 'look at the disk, and make a copy of what can still be read',
      }
    }
  }
}
