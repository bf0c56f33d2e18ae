import { msOf, type Time, timeOf } from '@claimlog/domain'
import { formatDuration } from '../duration.ts'
import type { Finding } from './check.ts'

/** Clocks of one machine that was started anew, or of a copy from another, are a little apart. */
const littleMs = 60_000

/** Whether the system's clock has come to where the log is. */
export const checkClock = (last: Time, nowMs: number): Finding => {
  const behindMs = msOf(last) - nowMs
  if (behindMs <= littleMs) return { state: 'ok', message: `the last line is of ${last}`, time: last }
  const behind = formatDuration(behindMs)
  return {
    ...{
      state: 'warning',
      message: `the clock says ${timeOf(nowMs)}, the last line ${last}, which is ${behind} ahead`,
    },
    mend: `set the clock right; until it has caught up, times in the log stand still at ${last}`,
    ...{ time: last, behind_ms: behindMs },
  }
}
