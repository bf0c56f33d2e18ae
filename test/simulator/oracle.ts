import * as E from 'fp-ts/lib/Either.js'
import { isSameJson } from '@claimlog/codecs'
import { emptyState, encodeEvent, type Event, fold, timeToMs } from '@claimlog/domain'
import { queueFileText } from '@claimlog/queue-file'
import type { CommandInput } from '@claimlog/workspace'
import { chainBreaks } from '../support/log/log-chain.ts'
import type { Line } from '../support/log/log-book.ts'
import { readAgainstPromises } from '../support/log/log-promises.ts'
import { handedOut, type Seen, type Told } from './worker.ts'

/** An event as in its line, without the fields that the log adds. */
const saying = ({ hash: _hash, more: _more, ...event }: Event): string => encodeEvent(event)

/** The problems in the bytes of a recovered log, whose last line is complete. */
export const unsound = (log: string): ReadonlyArray<string> => {
  const breaks = chainBreaks(log)
  if (breaks.length > 0) return breaks
  const lines = log
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Line)
  return readAgainstPromises(lines).broken.map(
    ({ promise, seq, detail }) => `seq ${seq}: broken promise: ${promise}: ${detail}`,
  )
}

/** Acknowledged events that the log does not have at their seq. */
export const lost = (events: ReadonlyArray<Event>, told: ReadonlyArray<Told>): ReadonlyArray<string> =>
  told.flatMap(({ worker, events: answered }) =>
    answered.flatMap(event => {
      const there = events[event.seq - 1]
      if (there !== undefined && saying(there) === saying(event)) return []
      return [
        `${worker} got the answer ${saying(event)}, but the log has ${there === undefined ? 'nothing' : saying(there)}`,
      ]
    }),
  )

/** Commands that were refused or failed without a change, although their events are in the log. */
export const doneThoughRefused = (
  events: ReadonlyArray<Event>,
  told: ReadonlyArray<Told>,
  asked: ReadonlyArray<CommandInput>,
): ReadonlyArray<string> => {
  const answers = new Map<string, number>()
  for (const { by = '' } of asked) answers.set(by, (answers.get(by) ?? 0) + 1)
  for (const { order, answer } of told) {
    const { by = '' } = order
    if (E.isLeft(answer) && changesNothing(answer.left)) answers.set(by, (answers.get(by) ?? 0) - 1)
  }
  return events.flatMap(event =>
    event.by !== undefined && answers.get(event.by) === 0
      ? [`the command was refused, but the log has ${saying(event)}`]
      : [],
  )
}

/** A claim that finds no task may still record expired leases; after a failed sync the outcome is unknown. */
const changesNothing = (no: object): boolean =>
  !('error' in no && no.error === 'no_ready_task') && !('failure' in no && no.failure === 'OutcomeUnknown')

/** Tokens granted to two workers or for two tasks. */
export const sharedTokens = (told: ReadonlyArray<Told>): ReadonlyArray<string> => {
  const holders = new Map<number, string>()
  const shared: Array<string> = []
  for (const { worker, order, answer } of told) {
    for (const { task, claim } of handedOut(order, answer)) {
      if (claim === undefined) continue
      const holder = `${worker} for ${task.id}`
      const other = holders.get(claim.token) ?? holder
      if (other !== holder) shared.push(`${holder} was granted token ${claim.token}, which ${other} has`)
      holders.set(claim.token, holder)
    }
  }
  return shared
}

/** A little more than the difference between the wall clocks of one machine that is ignored. */
const slackMs = 1100

/** Claims that were taken over before the end of their lease, by the monotonic clock. */
export const earlyTakeovers = (events: ReadonlyArray<Event>, told: ReadonlyArray<Told>): ReadonlyArray<string> => {
  const decided = new Map(told.flatMap(({ events: lines, decidedAt }) => lines.map(({ seq }) => [seq, decidedAt])))
  const leases = new Map<string, Event & { readonly event: 'claimed' | 'renewed' }>()
  return events.flatMap(event => {
    if (!('taskId' in event) || event.event === 'noted' || event.event === 'amended') return []
    const before = leases.get(event.taskId)
    leases.delete(event.taskId)
    if (event.event !== 'claimed' && event.event !== 'renewed') return []
    leases.set(event.taskId, event)
    const [from, to] = [decided.get(before?.seq ?? 0), decided.get(event.seq)]
    if (event.event === 'renewed' || before === undefined || from?.boot !== to?.boot) return []
    if (from?.upMs === undefined || to?.upMs === undefined) return []
    const lastedMs = to.upMs - from.upMs
    const leaseMs =
      before.leaseUntil === null ? Infinity : timeToMs(before.leaseUntil) - timeToMs(before.clock ?? before.time)
    if (lastedMs >= leaseMs - slackMs) return []
    return [`${event.taskId} was taken over at seq ${event.seq} after ${lastedMs} ms of a lease of ${leaseMs} ms`]
  })
}

/** Repeated requests with a different answer than the first that had an effect. */
export const otherAnswers = (told: ReadonlyArray<Told>): ReadonlyArray<string> => {
  const first = new Map<string, Told>()
  return told.flatMap(each => {
    const { requestId } = each.order
    if (requestId === undefined || E.isLeft(each.answer) || each.answer.right.appended === 0) return []
    const before = first.get(requestId)
    if (before === undefined) first.set(requestId, each)
    if (before === undefined || isSameJson(before.answer, each.answer)) return []
    return [`${requestId} got ${JSON.stringify(before.answer)}, then ${JSON.stringify(each.answer)}`]
  })
}

/** Observed states that differ from the fold of the log. */
export const otherStates = (events: ReadonlyArray<Event>, seen: ReadonlyArray<Seen>): ReadonlyArray<string> =>
  seen.flatMap(({ seq, queueFile }) => {
    const expected = queueFileText(fold(emptyState(), events.slice(0, seq)))
    return queueFile === expected ? [] : [`at seq ${seq} a worker saw ${queueFile}, but the log gives ${expected}`]
  })
