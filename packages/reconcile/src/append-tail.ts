import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, lineCodec } from '@claimlog/domain'
import type { AppendFailure, EventLog } from '@claimlog/event-log'
import { encodeLine } from '@claimlog/event-log-file'
import type { Copies } from './compare-logs.ts'

/**
 * Appends the lines that only the other copy has to our log, unchanged, if ours has none that the other lacks: both are
 * then the same log, with the same tokens. Returns true if it did; false if a line would get another hash.
 */
export const appendTail = (
  log: EventLog<Event>,
  { commonSeq, commonHash, theirs }: Copies,
): TE.TaskEither<AppendFailure, boolean> => {
  const decisions = decisionsOf(theirs.tail)
  if (!comesOutTheSame(decisions, commonHash)) return TE.right(false)
  return pipe(
    placedFrom(commonSeq, decisions),
    TE.traverseSeqArray(({ seq, events }) => log.append(seq, events.map(withoutSeal))),
    TE.map(() => true),
  )
}

type Decision = { readonly seq: number; readonly events: ReadonlyArray<Event> }

/** Each decision, with the seq after which it is appended. */
const placedFrom = (seq: number, decisions: ReadonlyArray<ReadonlyArray<Event>>): ReadonlyArray<Decision> => {
  let next = seq
  return decisions.map(events => {
    const before = next
    next += events.length
    return { seq: before, events }
  })
}

/** Groups the events by decision. */
const decisionsOf = (tail: ReadonlyArray<Event>): ReadonlyArray<ReadonlyArray<Event>> => {
  const decisions: Array<Array<Event>> = [[]]
  for (const event of tail) {
    decisions.at(-1)?.push(event)
    if (event.more !== true) decisions.push([])
  }
  return decisions.filter(events => events.length > 0)
}

/** The event without the fields that the log adds. */
const withoutSeal = (event: Event): Event => ({ ...event, more: undefined, hash: undefined })

const comesOutTheSame = (decisions: ReadonlyArray<ReadonlyArray<Event>>, before: string): boolean => {
  let previous = before
  for (const events of decisions)
    for (const [i, event] of events.entries()) {
      const { hash } = encodeLine(previous, lineCodec.encode(withoutSeal(event)), i < events.length - 1)
      if (hash !== event.hash) return false
      previous = hash
    }
  return true
}
