import { omitUndefined, type Json } from '@claimlog/codecs'
import type { Claimed, TaskEvent } from '../events/index.ts'
import type { Time } from '../values/scalars.ts'
import type { Phase, HistoryEntry } from './trace-history.ts'
import { timeToMs } from '../time/clock.ts'
import { isExpiryError } from '../decide/claims/claimable.ts'

/** The cause of the end of a lane: an event, or an expired lease. Amendments and notes end no lane. */
type LaneEnd = Exclude<TaskEvent['event'], 'added' | 'amended' | 'noted' | 'retried'> | 'lapsed'

/**
 * A period of a task's history with one phase. Lanes follow each other without a gap, except from the finish of
 * a task to its retry. Fields without a value are absent.
 *
 * `waiting`: for the first attempt, or after a release, an unhold or a retry. `retrying`: for another attempt,
 * after one failed or its lease expired; until another worker claims the task, the late holder may end this
 * lane too.
 */
export type Lane = {
  readonly lane: Exclude<Phase, 'finished'>
  readonly from: Time
  /** Absent while the lane is open. */
  readonly until?: Time
  /** Until its end, or until now while it is open; never below 0. */
  readonly ms: number
  /** Of a running lane: its claim. A late renewal starts another lane with the same three values. */
  readonly attempt?: number
  readonly worker?: string
  readonly token?: number
  /** The author and the reason of the hold or retry that started this lane. */
  readonly by?: string
  readonly reason?: string
  /** Of a lane that a failure started: the time from which the next attempt may start. */
  readonly retryAt?: Time
  readonly end?: LaneEnd
  /** Set if the lane was not ended by its own worker: the next claimant, a late holder or the author of a command. */
  readonly endedBy?: string
  /** Of a lane ended by `failed`. */
  readonly error?: string
  /** The place in the worker's program that threw that error. */
  readonly stack?: string
  /** The reason of a release, an unhold or a cancellation. The reason of a hold is the next lane's `reason`. */
  readonly endReason?: string
  /** Of a lane whose lease expired: the worker of the next claim, unless the late holder acted first. */
  readonly takenOverBy?: string
  readonly progress?: ReadonlyArray<{ readonly time: Time; readonly progress: Json }>
  readonly notes?: ReadonlyArray<{ readonly time: Time; readonly text: string; readonly by?: string }>
}

/** A lane and the entries within it that did not end it: renewals, notes, amendments. */
export type LaneWithEntries = { readonly lane: Lane; readonly innerEntries: ReadonlyArray<HistoryEntry> }

/** The lanes of a history, oldest first, each with the entries within it. An open lane is measured until `now`. */
export const lanesWithEntries = (entries: ReadonlyArray<HistoryEntry>, now: Time): ReadonlyArray<LaneWithEntries> => {
  const spans = laneSpans(entries)
  const lanes = spans.map(span => toLane(span, now))
  return spans
    .map(({ innerEntries }, i): LaneWithEntries => ({
      lane: withSuccessor(lanes[i] as Lane, lanes[i + 1]),
      innerEntries,
    }))
    .filter(({ lane }) => !isZeroLength(lane))
}

/** The lanes of a history, oldest first. An open lane is measured until `now`. */
export const traceLanes = (entries: ReadonlyArray<HistoryEntry>, now: Time): ReadonlyArray<Lane> =>
  lanesWithEntries(entries, now).map(({ lane }) => lane)

/** The total length of the lanes of one name, in milliseconds. */
export const totalMs = (lanes: ReadonlyArray<Lane>, name: Lane['lane']): number =>
  lanes.reduce((sum, { lane, ms }) => (lane === name ? sum + ms : sum), 0)

/** A lane as entries: the one that starts it, those within it, and the one that ends it. */
type LaneSpan = {
  readonly lane: Lane['lane']
  readonly start: HistoryEntry
  readonly innerEntries: Array<HistoryEntry>
  /** The last claim so far. */
  readonly claim: Claimed | undefined
  end?: { readonly entry: HistoryEntry; readonly cause: LaneEnd }
}

const laneSpans = (entries: ReadonlyArray<HistoryEntry>): ReadonlyArray<LaneSpan> => {
  const spans: Array<LaneSpan> = []
  let open: LaneSpan | undefined
  let claim: Claimed | undefined
  for (const entry of entries) {
    const end = laneEnd(entry)
    if (open !== undefined && end === undefined) {
      open.innerEntries.push(entry)
      continue
    }
    if (open !== undefined && end !== undefined) open.end = { entry, cause: end }
    if (typeof entry.cause !== 'string' && entry.cause.event === 'claimed') claim = entry.cause
    open = entry.after === 'finished' ? undefined : { lane: entry.after, start: entry, innerEntries: [], claim }
    if (open !== undefined) spans.push(open)
  }
  return spans
}

/** The end of the open lane that an entry causes, if any. */
const laneEnd = ({ cause, before }: HistoryEntry): LaneEnd | undefined => {
  if (typeof cause === 'string') return cause
  switch (cause.event) {
    case 'added':
    case 'amended':
    case 'noted':
    case 'retried':
      return undefined
    case 'renewed':
      return before === 'running' ? undefined : 'renewed'
    case 'claimed':
    case 'completed':
    case 'failed':
    case 'released':
    case 'held':
    case 'unheld':
    case 'cancelled':
      return cause.event
  }
}

const toLane = ({ lane, start, innerEntries, claim, end }: LaneSpan, now: Time): Lane => {
  const running = lane === 'running' ? claim : undefined
  return omitUndefined({
    lane,
    from: start.time,
    until: end?.entry.time,
    ms: Math.max(0, timeToMs(end?.entry.time ?? now) - timeToMs(start.time)),
    attempt: running?.attempt,
    worker: running?.worker,
    token: running?.seq,
    ...laneStart(start.cause),
    end: end?.cause,
    ...(end === undefined ? {} : laneEndDetails(end.entry.cause, running?.worker)),
    ...progressAndNotes([start, ...innerEntries]),
  })
}

const laneStart = (cause: HistoryEntry['cause']): Pick<Lane, 'by' | 'reason' | 'retryAt'> => {
  if (typeof cause === 'string') return {}
  if (cause.event === 'held' || cause.event === 'retried') return { by: cause.by, reason: cause.reason }
  return cause.event === 'failed' ? { retryAt: cause.retryAt ?? undefined } : {}
}

const laneEndDetails = (
  cause: HistoryEntry['cause'],
  worker: string | undefined,
): Pick<Lane, 'endedBy' | 'error' | 'stack' | 'endReason'> => {
  if (typeof cause === 'string') return {}
  const error = cause.event === 'failed' ? cause.error : undefined
  const author = endAuthor(cause)
  return {
    endedBy: author === worker || (error !== undefined && isExpiryError(error)) ? undefined : author,
    error,
    stack: cause.event === 'failed' ? cause.stack : undefined,
    endReason: endReason(cause),
  }
}

/** Decides by the event type and not by the fields that exist: a newer version or an editor may have added others. */
const endAuthor = (cause: Exclude<HistoryEntry['cause'], string>): string | undefined => {
  switch (cause.event) {
    case 'claimed':
    case 'renewed':
    case 'completed':
    case 'failed':
    case 'released':
      return cause.worker
    case 'added':
    case 'held':
    case 'unheld':
    case 'cancelled':
    case 'retried':
    case 'amended':
    case 'noted':
      return cause.by
  }
}

const endReason = (cause: Exclude<HistoryEntry['cause'], string>): string | undefined => {
  switch (cause.event) {
    case 'released':
    case 'unheld':
    case 'cancelled':
    case 'retried':
      return cause.reason
    case 'added':
    case 'claimed':
    case 'renewed':
    case 'completed':
    case 'failed':
    case 'held':
    case 'amended':
    case 'noted':
      return undefined
  }
}

const progressAndNotes = (entries: ReadonlyArray<HistoryEntry>): Pick<Lane, 'progress' | 'notes'> => {
  const progress: Array<{ time: Time; progress: Json }> = []
  const notes: Array<{ time: Time; text: string; by?: string }> = []
  for (const { time, cause } of entries) {
    if (typeof cause === 'string') continue
    if (cause.event === 'renewed' && cause.progress !== undefined) progress.push({ time, progress: cause.progress })
    if (cause.event === 'noted') notes.push(omitUndefined({ time, text: cause.text, by: cause.by }))
  }
  return { progress: progress.length > 0 ? progress : undefined, notes: notes.length > 0 ? notes : undefined }
}

const withSuccessor = (lane: Lane, next: Lane | undefined): Lane =>
  lane.end === 'lapsed' && next?.end === 'claimed' && next.endedBy !== undefined
    ? { ...lane, takenOverBy: next.endedBy }
    : lane

/** True for a lane of length 0 without notes or a reason, which is left out. An open lane is kept. */
const isZeroLength = ({ lane, ms, end, notes, reason }: Lane): boolean =>
  (lane === 'waiting' || lane === 'retrying') &&
  ms === 0 &&
  notes === undefined &&
  reason === undefined &&
  (end === 'claimed' || end === 'renewed' || end === 'held')
