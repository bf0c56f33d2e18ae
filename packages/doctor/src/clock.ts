import { littleAheadMs } from '@claimlog/workspace'
import { isNow, msOf, type State, timeOf } from '@claimlog/domain'
import { formatDuration } from '@claimlog/messages'
import type { Finding } from './check.ts'

/** Whether the system's clock says what a line can name, and has come to where the log is. */
export const checkClock = ({ lineTime: time }: State, nowMs: number): Finding => {
  if (!isNow(nowMs))
    return {
      state: 'wrong',
      message: `the clock says ${new Date(nowMs).toISOString()}, and no command writes before the year 1900 or after 9000`,
      mend: 'set the clock of this machine',
      time,
    }
  const behindMs = msOf(time) - nowMs
  if (behindMs <= littleAheadMs) return { state: 'ok', message: `the last line is of ${time}`, time }
  return {
    state: 'warning',
    message: `the clock says ${timeOf(nowMs)}, the last line ${time}, which is ${formatDuration(behindMs)} ahead`,
    mend: 'if this clock is right, nothing: a process wrote under a wrong one; leases, delays and retries take their length, and times on new lines stand still until the clock gets there. If it is wrong, set it',
    ...{ time, behind_ms: behindMs },
  }
}
