import * as E from 'fp-ts/lib/Either.js'
import { findDeparture } from '@claimlog/domain'
import { moveTargetHint } from '@claimlog/messages'
import { lineAsSubject, type Finding, skippedCheck } from './finding.ts'
import type { LogEnd, LogScan } from './log-reading.ts'

/** Checks that the events form a valid history, which this log continues. */
export const checkHistory = ({ scan, state, invalidEvent }: LogScan<LogEnd>): Finding => {
  if (invalidEvent !== undefined) {
    const { line, detail } = invalidEvent
    const offset = E.isRight(scan) ? scan.right.findLineOffset(line) : undefined
    return {
      ...{ state: 'wrong', message: `${lineAsSubject(line, offset)} is intact, but its event is invalid: ${detail}` },
      mend: 'it was not written by claimlog: compare it with a backup, and check who may write the log',
      ...{ error: 'log_damaged', line, offset },
    }
  }
  if (E.isLeft(scan)) return skippedCheck('the log could not be read to its end; the events before that are valid')
  if (state.workspace === undefined)
    return { state: 'wrong', message: 'there is no workspace in this log', mend: 'claimlog init creates one' }
  const departure = findDeparture(state)
  if (departure === undefined) return { state: 'ok', message: 'events form a valid history' }
  const { seq, target } = departure
  return {
    state: 'warning',
    message: `events form a valid history, which continues at ${target}: line ${seq} moved the log there`,
    mend: moveTargetHint(target),
  }
}
