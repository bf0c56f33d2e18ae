import type { Address, Follower, Numbered } from '@claimlog/event-log'

/** Gives a follower those of `events` that it has not taken. */
export const takeFresh = <A extends Numbered>(
  follower: Follower<A>,
  events: ReadonlyArray<A>,
  addresses: ReadonlyArray<Address>,
): void => {
  const known = follower.seq + 1 - (events[0]?.seq ?? 0)
  if (known <= 0) follower.take(events, addresses)
  else if (known < events.length) follower.take(events.slice(known), addresses.slice(known))
}
