import { timeToMs, toPrintable, toPrintableJson } from '@claimlog/client/unstable-internals'
import type { LaneView } from '@claimlog/wire'

/** The end or the current state of a lane, with the reasons given; empty if the next lane shows it. */
export const describeLaneEnd = (lane: LaneView): string =>
  [describeStart(lane), lane.end === undefined ? describeCurrent(lane) : describeEnd(lane)]
    .filter(part => part !== '')
    .join('; ')

const describeStart = ({ lane, reason }: LaneView): string => {
  if (reason === undefined) return ''
  return lane === 'held' ? toPrintable(reason) : `retried: ${toPrintable(reason)}`
}

const describeCurrent = (lane: LaneView): string => {
  switch (lane.lane) {
    case 'running': {
      const latest = lane.progress?.at(-1)
      return latest === undefined ? 'running now' : `running now, at ${toPrintableJson(latest.progress)}`
    }
    case 'held':
      return 'on hold now'
    case 'waiting':
      return 'waiting now'
    case 'retrying': {
      const { retryAt } = lane
      const isAhead = retryAt !== undefined && timeToMs(retryAt) > timeToMs(lane.from) + lane.ms
      return isAhead ? `next attempt at ${retryAt.slice(11, 19)}` : 'waiting now'
    }
  }
}

const describeEnd = (lane: LaneView): string => {
  const author = lane.endedBy === undefined ? '' : ` by ${toPrintable(lane.endedBy)}`
  const reasonText = lane.endReason === undefined ? '' : `: ${toPrintable(lane.endReason)}`
  // A holder can only end a lane that is not its own if its lease had expired.
  const late = author === '' ? '' : ` late${author}`
  switch (lane.end) {
    case undefined:
    case 'claimed':
    case 'held':
      return ''
    case 'completed':
      return `completed${late}`
    case 'renewed':
      return `renewed${late}`
    case 'failed':
      return `failed${late}: ${toPrintable(lane.error ?? '')}`
    case 'released':
      return `released${late}${reasonText}`
    case 'lapsed':
      return `lease expired${describeSuccessor(lane)}`
    case 'unheld':
      return `hold removed${author}${reasonText}`
    case 'cancelled':
      return `cancelled${author}${reasonText}`
  }
}

const describeSuccessor = ({ worker, takenOverBy: next }: LaneView): string => {
  if (next === undefined) return ''
  return next === worker ? ', claimed again' : `, taken over by ${toPrintable(next)}`
}
