import * as E from 'fp-ts/lib/Either.js'
import { isSameJson } from '@claimlog/codecs'
import { emptyState, encodeEvent, type Event, fold, timeToMs } from '@claimlog/domain'
import { queueFileText } from '@claimlog/queue-file'
import type { CommandInput } from '@claimlog/workspace'
import { findChainErrors } from '../support/log/log-chain.ts'
import type { CheckedLine } from '../support/log/log-model.ts'
import { checkPromises } from '../support/log/log-promises.ts'
import { listGrantedTasks, type ObservedState, type ObservedAnswer } from './simulated-worker.ts'

/** An event as in its line, without the fields that the log adds. */
const encodeContent = ({ hash: _hash, more: _more, ...event }: Event): string => encodeEvent(event)

/** The problems in the bytes of a recovered log, whose last line is complete. */
export const findInvalidLines = (log: string): ReadonlyArray<string> => {
  const chainErrors = findChainErrors(log)
  if (chainErrors.length > 0) return chainErrors
  const lines = log
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as CheckedLine)
  return checkPromises(lines).broken.map(
    ({ promise, seq, detail }) => `seq ${seq}: broken promise: ${promise}: ${detail}`,
  )
}

/** Acknowledged events that the log does not have at their seq. */
export const findLostEvents = (
  events: ReadonlyArray<Event>,
  observed: ReadonlyArray<ObservedAnswer>,
): ReadonlyArray<string> =>
  observed.flatMap(({ worker, events: acknowledged }) =>
    acknowledged.flatMap(event => {
      const loggedEvent = events[event.seq - 1]
      if (loggedEvent !== undefined && encodeContent(loggedEvent) === encodeContent(event)) return []
      return [
        `${worker} got the answer ${encodeContent(event)}, but the log has ${loggedEvent === undefined ? 'nothing' : encodeContent(loggedEvent)}`,
      ]
    }),
  )

/** Commands that were refused or failed without a change, although their events are in the log. */
export const findAppliedRefusals = (
  events: ReadonlyArray<Event>,
  observed: ReadonlyArray<ObservedAnswer>,
  commands: ReadonlyArray<CommandInput>,
): ReadonlyArray<string> => {
  const openCounts = new Map<string, number>()
  for (const { by = '' } of commands) openCounts.set(by, (openCounts.get(by) ?? 0) + 1)
  for (const { input, answer } of observed) {
    const { by = '' } = input
    if (E.isLeft(answer) && changesNothing(answer.left)) openCounts.set(by, (openCounts.get(by) ?? 0) - 1)
  }
  return events.flatMap(event =>
    event.by !== undefined && openCounts.get(event.by) === 0
      ? [`the command was refused, but the log has ${encodeContent(event)}`]
      : [],
  )
}

/** A claim that finds no task may still record expired leases; after a failed sync the outcome is unknown. */
const changesNothing = (failure: object): boolean =>
  !('error' in failure && failure.error === 'no_ready_task') &&
  !('failure' in failure && failure.failure === 'OutcomeUnknown')

/** Tokens granted to two workers or for two tasks. */
export const findSharedTokens = (observed: ReadonlyArray<ObservedAnswer>): ReadonlyArray<string> => {
  const holders = new Map<number, string>()
  const shared: Array<string> = []
  for (const { worker, input, answer } of observed) {
    for (const { task, claim } of listGrantedTasks(input, answer)) {
      if (claim === undefined) continue
      const holder = `${worker} for ${task.id}`
      const otherHolder = holders.get(claim.token) ?? holder
      if (otherHolder !== holder) shared.push(`${holder} was granted token ${claim.token}, which ${otherHolder} has`)
      holders.set(claim.token, holder)
    }
  }
  return shared
}

/** A little more than the difference between the wall clocks of one machine that is ignored. */
const slackMs = 1100

/** Claims that were taken over before the end of their lease, by the monotonic clock. */
export const findEarlyTakeovers = (
  events: ReadonlyArray<Event>,
  observed: ReadonlyArray<ObservedAnswer>,
): ReadonlyArray<string> => {
  const decisionClocks = new Map(
    observed.flatMap(({ events: lines, decisionClock }) => lines.map(({ seq }) => [seq, decisionClock])),
  )
  const leases = new Map<string, Event & { readonly event: 'claimed' | 'renewed' }>()
  return events.flatMap(event => {
    if (!('taskId' in event) || event.event === 'noted' || event.event === 'amended') return []
    const previous = leases.get(event.taskId)
    leases.delete(event.taskId)
    if (event.event !== 'claimed' && event.event !== 'renewed') return []
    leases.set(event.taskId, event)
    const [from, to] = [decisionClocks.get(previous?.seq ?? 0), decisionClocks.get(event.seq)]
    if (event.event === 'renewed' || previous === undefined || from?.boot !== to?.boot) return []
    if (from?.upMs === undefined || to?.upMs === undefined) return []
    const lastedMs = to.upMs - from.upMs
    const leaseMs =
      previous.leaseUntil === null
        ? Infinity
        : timeToMs(previous.leaseUntil) - timeToMs(previous.clock ?? previous.time)
    if (lastedMs >= leaseMs - slackMs) return []
    return [`${event.taskId} was taken over at seq ${event.seq} after ${lastedMs} ms of a lease of ${leaseMs} ms`]
  })
}

/** Repeated requests with a different answer than the first that had an effect. */
export const findChangedAnswers = (observed: ReadonlyArray<ObservedAnswer>): ReadonlyArray<string> => {
  const firstAnswers = new Map<string, ObservedAnswer>()
  return observed.flatMap(each => {
    const { requestId } = each.input
    if (requestId === undefined || E.isLeft(each.answer) || each.answer.right.appended === 0) return []
    const previous = firstAnswers.get(requestId)
    if (previous === undefined) firstAnswers.set(requestId, each)
    if (previous === undefined || isSameJson(previous.answer, each.answer)) return []
    return [`${requestId} got ${JSON.stringify(previous.answer)}, then ${JSON.stringify(each.answer)}`]
  })
}

/** Observed states that differ from the fold of the log. */
export const findWrongStates = (
  events: ReadonlyArray<Event>,
  states: ReadonlyArray<ObservedState>,
): ReadonlyArray<string> =>
  states.flatMap(({ seq, queueFile }) => {
    const expected = queueFileText(fold(emptyState(), events.slice(0, seq)))
    return queueFile === expected ? [] : [`at seq ${seq} a worker saw ${queueFile}, but the log gives ${expected}`]
  })
