import * as E from 'fp-ts/lib/Either.js'
import { type Finding, skippedCheck } from './finding.ts'
import type { LogScan } from './log-reading.ts'

/** Checks that the events form a valid history. */
export const checkHistory = ({ scan, state, invalidEvent }: LogScan): Finding => {
  if (invalidEvent !== undefined) {
    const { line, detail } = invalidEvent
    const offset = E.isRight(scan) ? scan.right.findLineOffset(line) : undefined
    const lineText = offset === undefined ? `line ${line}` : `line ${line}, at byte ${offset},`
    return {
      ...{ state: 'wrong', message: `${lineText} is intact, but its event is invalid: ${detail}` },
      mend: 'it was not written by claimlog: compare it with a backup, and check who may write the log',
      ...{ error: 'log_damaged', line, offset },
    }
  }
  if (E.isLeft(scan)) return skippedCheck('the log could not be read to its end; the events before that are valid')
  if (state.workspace === undefined)
    return { state: 'wrong', message: 'there is no workspace in this log', mend: 'claimlog init creates one' }
  return { state: 'ok', message: 'events form a valid history' }
}
