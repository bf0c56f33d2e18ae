import { msOf, type State } from '@claimlog/domain'
import type { Clock } from './machine-clock.ts'
import type { LogAhead } from './workspace-notice.ts'

/** Clocks of one machine that was started anew, or of a copy from another, are a little apart. */
export const littleAheadMs = 60_000

/** The same clock; tells once if it is read while the log's time is ahead of it. */
export const watchingClock = (clock: Clock, state: () => State, notify: (notice: LogAhead) => void): Clock => {
  let told = false
  let seen = ''
  return () => {
    const reading = clock()
    const { lineTime, time } = state()
    // Where elapsed time and that of the lines are one, nothing was noticed since the first look.
    if (told || lineTime === '' || (seen !== '' && lineTime === time)) return reading
    seen = lineTime
    told = msOf(lineTime) - reading.nowMs > littleAheadMs
    if (told) notify({ notice: 'LogAhead', time: lineTime, nowMs: reading.nowMs })
    return reading
  }
}
