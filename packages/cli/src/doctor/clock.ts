import { littleAheadMs } from '@claimlog/coordinator/workspace'
import { msOf, type State, timeOf } from '@claimlog/domain'
import { formatDuration } from '../duration.ts'
import type { Finding } from './check.ts'

/** Whether the system's clock has come to where the log is. */
export const checkClock = ({ lineTime: time }: State, nowMs: number): Finding => {
  const behindMs = msOf(time) - nowMs
  if (behindMs <= littleAheadMs) return { state: 'ok', message: `the last line is of ${time}`, time }
  return {
    state: 'warning',
    message: `the clock says ${timeOf(nowMs)}, the last line ${time}, which is ${formatDuration(behindMs)} ahead`,
    mend: 'if this clock is right, nothing: a process wrote under a wrong one; leases, delays and retries take their length, and times on new lines stand still until the clock gets there. If it is wrong, set it',
    ...{ time, behind_ms: behindMs },
  }
}
