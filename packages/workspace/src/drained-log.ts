import * as E from 'fp-ts/lib/Either.js'
import { closed, type EventLog, type LifeCycle, type Numbered } from '@claimlog/event-log'

/** The same log for calls of `life`: what is still undecided when that is to end gives up, and answers `Closed`. */
export const drainedLog = <A extends Numbered>(log: EventLog<A>, life: LifeCycle): EventLog<A> => {
  const isWanted = (): boolean => !life.isOverdue()
  return {
    ...log,
    readAfter: (seq, take, isEnough) => async () => {
      const end = await log.readAfter(seq, take, () => life.isOverdue() || isEnough?.() === true)()
      return E.isRight(end) && life.isOverdue() ? closed : end
    },
    transact: (follower, decide, isStillWanted) =>
      log.transact(follower, decide, isStillWanted === undefined ? isWanted : () => isWanted() && isStillWanted()),
  }
}
