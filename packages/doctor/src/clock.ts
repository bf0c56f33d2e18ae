import { clockSkewMsMax } from '@claimlog/workspace'
import { isValidNowMs, timeToMs, type State, timeFromMs } from '@claimlog/domain'
import { formatDuration } from '@claimlog/messages'
import type { Finding } from './finding.ts'

/** Checks that the system clock is in the range of valid times and not behind the log. */
export const checkClock = ({ lineTime: time }: State, nowMs: number): Finding => {
  if (!isValidNowMs(nowMs))
    return {
      state: 'wrong',
      message: `the system clock is at ${new Date(nowMs).toISOString()}; no command writes before the year 1900 or after 9000`,
      mend: 'set the clock of this machine',
      time,
    }
  const behindMs = timeToMs(time) - nowMs
  if (behindMs <= clockSkewMsMax) return { state: 'ok', message: `the last line is from ${time}`, time }
  return {
    state: 'warning',
    message: `the system clock is at ${timeFromMs(nowMs)}, and the last line at ${time}, which is ${formatDuration(behindMs)} ahead`,
    mend: 'if this clock is right, no action is needed: a process wrote with a wrong clock; leases, delays and retries still last as long as they should, and new lines repeat the last time until the clock catches up; if this clock is wrong, set it',
    ...{ time, behind_ms: behindMs },
  }
}
