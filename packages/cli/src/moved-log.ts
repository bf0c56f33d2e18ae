import { findDeparture, moveTargetHint, type State, toPrintable } from '@claimlog/client/unstable-internals'
import { writeStderr } from './output/output.ts'

/** Warns that the log continues elsewhere: its tasks and claims are those of the moment when it was left. */
export const warnIfMoved = (state: State): void => {
  const departure = findDeparture(state)
  if (departure === undefined) return
  const { target } = departure
  writeStderr(
    `claimlog: warning: this log was moved to ${toPrintable(target)}: ${toPrintable(moveTargetHint(target))}\n`,
  )
}
