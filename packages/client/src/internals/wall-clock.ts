import { msOf, onWallClock, type State, type Time } from '@claimlog/domain'

/** The moment `now` of a query, which is on elapsed time, as the wall clock shows it: views are told against that. */
export const wallClockMs = ({ clock }: State, now: Time): number => msOf(onWallClock(now, clock))
