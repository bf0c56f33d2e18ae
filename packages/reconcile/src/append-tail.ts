import * as E from 'fp-ts/lib/Either.js'
import { type Event, lineCodec } from '@claimlog/domain'
import type { AppendFailure, EventLog } from '@claimlog/event-log'
import { sealLine } from '@claimlog/event-log-file'
import type { Copies } from './compare-logs.ts'

/**
 * Appends to our log what only the other copy has, line by line as it stands there, where ours has nothing that the other
 * has not: both are then the same log, with the same tokens. undefined: a line would not come out the same.
 */
export const appendTail = async (
  log: EventLog<Event>,
  { commonSeq, commonHash, theirs }: Copies,
): Promise<E.Either<AppendFailure, void> | undefined> => {
  const decisions = decisionsOf(theirs.tail)
  if (!comesOutTheSame(decisions, commonHash)) return undefined
  let seq = commonSeq
  for (const events of decisions) {
    const appended = await log.append(seq, events.map(withoutSeal))()
    if (E.isLeft(appended)) return appended
    seq += events.length
  }
  return E.right(undefined)
}

/** The events, a list for each decision. */
const decisionsOf = (tail: ReadonlyArray<Event>): ReadonlyArray<ReadonlyArray<Event>> => {
  const decisions: Array<Array<Event>> = [[]]
  for (const event of tail) {
    decisions.at(-1)?.push(event)
    if (event.more !== true) decisions.push([])
  }
  return decisions.filter(events => events.length > 0)
}

/** An event as it is before the log adds to it. */
const withoutSeal = (event: Event): Event => ({ ...event, more: undefined, hash: undefined })

const comesOutTheSame = (decisions: ReadonlyArray<ReadonlyArray<Event>>, before: string): boolean => {
  let previous = before
  for (const events of decisions)
    for (const [i, event] of events.entries()) {
      const { hash } = sealLine(previous, lineCodec.encode(withoutSeal(event)), i < events.length - 1)
      if (hash !== event.hash) return false
      previous = hash
    }
  return true
}
