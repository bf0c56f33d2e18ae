import * as E from 'fp-ts/lib/Either.js'
import { type Finding, skipped } from './check.ts'
import type { LogReading } from './log-reading.ts'

/** Whether each line can be true after those before it. */
export const checkMeaning = ({ scan, state, inconsistent }: LogReading): Finding => {
  if (inconsistent !== undefined) {
    const { line, detail } = inconsistent
    const offset = E.isRight(scan) ? scan.right.offsetOf(line) : undefined
    const place = offset === undefined ? `line ${line}` : `line ${line}, at byte ${offset},`
    return {
      ...{ state: 'wrong', message: `${place} is whole, but cannot be true: ${detail}` },
      mend: 'something other than claimlog wrote it: compare it with a backup, and see who may write the log',
      ...{ error: 'log_damaged', line, offset },
    }
  }
  if (E.isLeft(scan)) return skipped('the log could not be read to its end; the lines before that can be true')
  if (state.workspace === undefined)
    return { state: 'wrong', message: 'no workspace was opened in this log', mend: 'claimlog init opens one' }
  return { state: 'ok', message: 'every line can be true after those before it' }
}
