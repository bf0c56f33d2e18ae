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
  { commonSeq, commonHash, remote }: Copies,
): TE.TaskEither<AppendFailure, boolean> => {
  const decisions = groupDecisions(remote.tail)
  if (!hasSameHashes(decisions, commonHash)) return TE.right(false)
  return pipe(
    addSeqs(commonSeq, decisions),
    TE.traverseSeqArray(({ seq, events }) => log.append(seq, events.map(removeHash))),
    TE.map(() => true),
  )
}

type AppendBatch = { readonly seq: number; readonly events: ReadonlyArray<Event> }

/** Each decision, with the seq after which it is appended. */
const addSeqs = (seq: number, decisions: ReadonlyArray<ReadonlyArray<Event>>): ReadonlyArray<AppendBatch> => {
  let next = seq
  return decisions.map(events => {
    const start = next
    next += events.length
    return { seq: start, events }
  })
}

/** Groups the events by decision. */
const groupDecisions = (tail: ReadonlyArray<Event>): ReadonlyArray<ReadonlyArray<Event>> => {
  const decisions: Array<Array<Event>> = [[]]
  for (const event of tail) {
    decisions.at(-1)?.push(event)
    if (event.more !== true) decisions.push([])
  }
  return decisions.filter(events => events.length > 0)
}

/** The event without the fields that the log adds. */
const removeHash = (event: Event): Event => ({ ...event, more: undefined, hash: undefined })

const hasSameHashes = (decisions: ReadonlyArray<ReadonlyArray<Event>>, start: string): boolean => {
  let previous = start
  for (const events of decisions)
    for (const [i, event] of events.entries()) {
      const { hash } = encodeLine(previous, lineCodec.encode(removeHash(event)), i < events.length - 1)
      if (hash !== event.hash) return false
      previous = hash
    }
  return true
}
