import * as E from 'fp-ts/lib/Either.js'
import type { ReadFailure } from '@claimlog/event-log'
import { logFileName } from '@claimlog/event-log-file'
import { pluralize, damageHint } from '@claimlog/messages'
import { describeLine, type Finding, lineAsSubject } from './finding.ts'
import type { LogEnd, LogScan } from './log-reading.ts'

/** Checks that every line has the next seq, the right hash in the chain, and a shape that this version knows. */
export const checkChain = ({ scan }: LogScan<LogEnd>): Finding => {
  if (E.isLeft(scan)) return failureFinding(scan.left)
  const { seq, hash } = scan.right
  if (seq === 0) return { state: 'ok', message: 'the log is empty', seq }
  return { state: 'ok', message: `${pluralize(seq, 'line')}, all with valid seq, hash and shape`, seq, hash }
}

const failureFinding = (failure: ReadFailure): Finding => {
  switch (failure.failure) {
    case 'LogDamaged': {
      const { line, offset, detail, cause } = failure
      return {
        ...{ state: 'wrong', message: `${lineAsSubject(line, offset)} is damaged: ${detail}` },
        mend:
          cause !== undefined
            ? damageHint(cause)
            : `make a copy of ${logFileName} first; claimlog repair previews a repair, ` +
              'and a backup shows the original line',
        ...{ error: 'log_damaged', line, offset, ...(cause && { cause }) },
      }
    }
    case 'HistoryChanged':
      return {
        ...{ state: 'wrong', message: `the log changed while it was read: ${failure.detail}` },
        mend: 'it was restored or replaced just now: run claimlog doctor again',
      }
    case 'UnknownFormat': {
      const { line, offset, detail } = failure
      return {
        ...{ state: 'wrong', message: `${describeLine(line, offset)}: ${detail}` },
        mend: 'a newer claimlog wrote this; install that version',
        ...{ error: 'unknown_format', line, offset },
      }
    }
    case 'Unreachable':
      return {
        state: 'wrong',
        message: `the server did not answer: ${failure.detail}`,
        mend: 'run claimlog doctor again',
      }
    case 'Closed':
      throw new Error('the doctor reads the log through a scan, which cannot be closed')
    case 'NoLog':
      return {
        state: 'wrong',
        message: `${logFileName} is gone`,
        mend: 'it was moved just now: run claimlog doctor again',
      }
    case 'IoFailed': {
      const { operation, detail } = failure
      return {
        ...{ state: 'wrong', message: `could not ${operation} ${logFileName}: ${detail}`, error: 'io_failed' },
        mend: 'check the disk, and make a copy of what can still be read',
      }
    }
  }
}
