import type { CommandResult } from '@claimlog/workspace'
import { checkPromises } from '../../support/log/log-promises.ts'
import type { CheckedLine } from '../../support/log/log-model.ts'
import type { JournaledCall } from './journal.ts'
import { mergeOutages, type Outage } from './outages.ts'

/** A line of the log, with what the workers of the test put in it. */
export type JudgedLine = CheckedLine & { readonly payload?: { readonly id?: string }; readonly error?: unknown }

export type Evidence = LogAndJournals & {
  readonly outages: ReadonlyArray<Outage>
  /** That of the workers. */
  readonly lockTimeoutMs: number
  /** The time of the test, by the server's clock. */
  readonly startMs: number
  readonly endMs: number
}

export type LogAndJournals = {
  readonly lines: ReadonlyArray<JudgedLine>
  readonly calls: ReadonlyArray<JournaledCall>
}

/** Compares the log with the answers that workers got; returns in words what they say against each other. */
export const compareAnswers = (evidence: LogAndJournals): ReadonlyArray<string> => [
  ...checkClaims(evidence),
  ...checkReports(evidence),
]

/** Returns the broken promises, in words: of the log, of the clocks, and of the answers that workers got. */
export const judge = (evidence: Evidence): ReadonlyArray<string> => [
  ...checkPromises(evidence.lines).broken.map(({ promise, seq, detail }) => `line ${seq}: ${promise}: ${detail}`),
  ...checkTimes(evidence),
  ...checkLeases(evidence),
  ...compareAnswers(evidence),
  ...checkFailures(evidence),
]

const clockToleranceMs = 1000

/** Wall clocks of workers differ from the server's, and no line may show that. */
const checkTimes = ({ lines, startMs, endMs }: Evidence): ReadonlyArray<string> =>
  lines.flatMap(({ seq, time }) =>
    Date.parse(time) < startMs - clockToleranceMs || Date.parse(time) > endMs + clockToleranceMs
      ? [`line ${seq} is of ${time}, when no worker ran`]
      : [],
  )

/** Events after which a task has no claim whose lease could expire. */
const endsOfClaims = new Set(['completed', 'failed', 'released', 'held', 'cancelled', 'retried'])

/** No task is claimed again before its lease has expired, by the clock of the machine, which is also the server's. */
const checkLeases = ({ lines, calls }: LogAndJournals): ReadonlyArray<string> => {
  const answeredMs = new Map(calls.flatMap(call => listGrants(call).map(({ claim }) => [claim?.token, call.endMs])))
  const leaseEndsMs = new Map<string | undefined, number>()
  const problems: Array<string> = []
  for (const { seq, event, task_id: taskId, lease_until: leaseUntil } of lines) {
    const leaseEndMs = leaseEndsMs.get(taskId)
    const takenMs = event === 'claimed' ? answeredMs.get(seq) : undefined
    if (leaseEndMs !== undefined && takenMs !== undefined && takenMs < leaseEndMs - clockToleranceMs)
      problems.push(`line ${seq} claims ${taskId} ${Math.round(leaseEndMs - takenMs)} ms before its lease expires`)
    if (endsOfClaims.has(event)) leaseEndsMs.delete(taskId)
    else if (leaseUntil !== undefined && leaseUntil !== null) leaseEndsMs.set(taskId, Date.parse(leaseUntil))
  }
  return problems
}

/** True if it is possible that a call was done although its caller got no result. */
const isOpen = ({ answer }: JournaledCall): boolean =>
  answer === undefined || (answer._tag === 'Left' && answer.left.failure === 'OutcomeUnknown')

const describe = ({ journal, input }: JournaledCall): string => `${journal}: ${JSON.stringify(input)}`

const canClaim = ({ input }: JournaledCall): boolean =>
  input.command === 'claim' || ('claimNext' in input && input.claimNext !== undefined)

/** The tasks that an answer grants: those of a claim, and the next one of a report. */
const listGrants = ({ input, answer }: JournaledCall): CommandResult['tasks'] => {
  if (answer?._tag !== 'Right') return []
  if (input.command === 'claim') return answer.right.tasks
  return answer.right.next === undefined ? [] : [answer.right.next]
}

/** Each claim in an answer is in the log and in no other answer; each claim in the log was answered, or may have been. */
const checkClaims = ({ lines, calls }: LogAndJournals): ReadonlyArray<string> => {
  const claimLines = new Map(lines.filter(({ event }) => event === 'claimed').map(line => [line.seq, line]))
  const answers = new Map<number, JournaledCall>()
  const problems: Array<string> = []
  const claimCalls = calls.filter(canClaim)
  for (const call of claimCalls)
    for (const { task, claim } of listGrants(call)) {
      if (claim === undefined) continue
      const line = claimLines.get(claim.token)
      if (line?.task_id !== task.id || line.worker !== call.worker)
        problems.push(`lost: ${describe(call)} got token ${claim.token}, which the log does not have`)
      const other = answers.get(claim.token)
      if (other !== undefined && !isSameRequest(other, call))
        problems.push(`twice: token ${claim.token} for ${describe(call)} and ${describe(other)}`)
      answers.set(claim.token, call)
    }
  const openCalls = claimCalls.filter(isOpen)
  const isUnanswered = ({ event, seq }: JudgedLine): boolean => event === 'claimed' && !answers.has(seq)
  for (const [i, line] of lines.entries()) {
    const before = lines[i - 1]
    // Of several claims of one decision, the first stands for all.
    if (!isUnanswered(line) || (before?.more === true && isUnanswered(before))) continue
    const index = openCalls.findIndex(
      ({ worker, input }) => worker === line.worker && input.requestId === line.request_id,
    )
    if (index < 0) problems.push(`line ${line.seq} is a claim that ${line.worker} never got as an answer`)
    else openCalls.splice(index, 1)
  }
  return problems
}

const isSameRequest = (one: JournaledCall, other: JournaledCall): boolean =>
  one.journal === other.journal && one.input.requestId !== undefined && one.input.requestId === other.input.requestId

const reportEvents: Readonly<Record<string, string>> = {
  ...{ complete: 'completed', fail: 'failed', renew: 'renewed', release: 'released' },
}

/** The same text for a call and for the line that it leads to; undefined for other calls. */
const keyOfCall = ({ input }: JournaledCall): string | undefined => {
  if (input.command === 'add')
    return `added ${JSON.stringify((input.tasks[0]?.payload as { readonly id?: string } | undefined)?.id)}`
  const event = reportEvents[input.command]
  return event === undefined || !('token' in input) ? undefined : `${event} ${input.taskId} ${input.token}`
}

/** True if a claim recorded that the lease before it expired at the last attempt, which no holder reported. */
const isExpiry = (error: unknown): boolean => /^the lease expired at \S+ and no attempts are left$/.test(String(error))

const keyOfLine = ({ event, task_id: taskId, token, payload, error }: JudgedLine): string | undefined => {
  if (event === 'added') return payload?.id === undefined ? undefined : `added ${JSON.stringify(payload.id)}`
  return token === undefined || event === 'claimed' || isExpiry(error) ? undefined : `${event} ${taskId} ${token}`
}

/** True for an answer that needs no line: within one millisecond, a second renewal to the same end changes nothing. */
const isUnchangedRenewal = ({ input, answer }: JournaledCall): boolean =>
  input.command === 'renew' && answer?._tag === 'Right' && answer.right.appended === 0

/** The log has each reported line as often as calls were answered, and at most as often as they may have been. */
const checkReports = ({ lines, calls }: LogAndJournals): ReadonlyArray<string> => {
  const lineCounts = countKeys(
    lines.filter(({ worker, event }) => worker !== undefined || event === 'added').map(keyOfLine),
  )
  const isFirst = new Set<string>()
  const requests = calls.filter(call => {
    // A repeated request leads to one line.
    if (call.answer?._tag !== 'Right' || call.input.requestId === undefined) return true
    const id = `${call.journal} ${call.input.requestId}`
    return isFirst.has(id) ? false : isFirst.add(id)
  })
  const answered = requests.filter(call => call.answer?._tag === 'Right' && !isUnchangedRenewal(call))
  const answers = countKeys(answered.map(keyOfCall))
  const open = countKeys(requests.filter(call => isOpen(call) || isUnchangedRenewal(call)).map(keyOfCall))
  const problems: Array<string> = []
  for (const [key, count] of answers) {
    const found = lineCounts.get(key) ?? 0
    if (found < count) problems.push(`lost: ${key} was answered ${count} times and is in the log ${found} times`)
  }
  for (const [key, found] of lineCounts) {
    const known = (answers.get(key) ?? 0) + (open.get(key) ?? 0)
    if (found > known) problems.push(`doubled: ${key} is in the log ${found} times, from ${known} calls`)
  }
  return problems
}

const countKeys = (keys: ReadonlyArray<string | undefined>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const key of keys) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

/**
 * A call fails only if it meets an outage at least as long as the lock timeout, and then only because of the connection
 * or a lock.
 */
const checkFailures = ({ calls, outages, lockTimeoutMs }: Evidence): ReadonlyArray<string> => {
  const longOutages = mergeOutages(outages).filter(({ startMs, endMs }) => endMs - startMs >= lockTimeoutMs)
  return calls.flatMap(call => {
    const { answer, startMs, endMs = Infinity } = call
    if (answer?._tag !== 'Left' || answer.left.failure === undefined) return []
    const isExpected = ['Unreachable', 'OutcomeUnknown', 'LockTimeout'].includes(answer.left.failure)
    if (isExpected && longOutages.some(outage => startMs <= outage.endMs && endMs >= outage.startMs)) return []
    return [`failure: ${describe(call)} after ${Math.round(endMs - startMs)} ms: ${JSON.stringify(answer.left)}`]
  })
}

/** The number of calls that failed. */
export const countFailures = (calls: ReadonlyArray<JournaledCall>): number =>
  calls.filter(({ answer }) => answer?._tag === 'Left' && answer.left.failure !== undefined).length
