import { defined, type Json } from '@claimlog/codecs'
import type { Claimed, TaskEvent } from '../events/index.ts'
import type { Time } from '../values/scalars.ts'
import type { Phase, Turn } from './trace-turns.ts'
import { msOf } from '../time/clock.ts'
import { isLapseError } from '../decide/claims/claimable.ts'

/** What ended a lane: an event, or that its lease ended. An amendment or a remark ends none. */
type LaneEnd = Exclude<TaskEvent['event'], 'added' | 'amended' | 'noted' | 'retried'> | 'lapsed'

/**
 * A stretch of a task's life in which it did one thing. Lanes follow each other without a gap, except while the task was
 * finished and until a retry. Fields only where they have a value.
 *
 * `waiting`: for its first attempt, or after it was given back, put back or retried. `retrying`: for another attempt,
 * after one failed or its lease ended; until somebody else claims it the late holder may end this lane too.
 */
export type Lane = {
  readonly lane: Exclude<Phase, 'finished'>
  readonly from: Time
  /** Absent: it goes on. */
  readonly until?: Time
  /** Until its end or, where it goes on, until now; never below 0. */
  readonly ms: number
  /** Of a running lane, whose it is. A late renewal begins another with the same three. */
  readonly attempt?: number
  readonly worker?: string
  readonly token?: number
  /** Who put it aside, or had it retried, and why: what began this lane. */
  readonly by?: string
  readonly reason?: string
  /** Of a lane that a failure began: when the next attempt may start. */
  readonly retryAt?: Time
  readonly end?: LaneEnd
  /** Who ended it, where that was not its own worker: the next to claim it, a late holder, who gave the order. */
  readonly endedBy?: string
  /** Of a lane that was ended by `failed`. */
  readonly error?: string
  /** Why it was given back, put back or cancelled. Why it was put aside is the next lane's `reason`. */
  readonly endReason?: string
  /** Of a lane whose lease ended: the worker of the claim that followed, where the late holder did not come first. */
  readonly takenOverBy?: string
  readonly progress?: ReadonlyArray<{ readonly time: Time; readonly progress: Json }>
  readonly notes?: ReadonlyArray<{ readonly time: Time; readonly text: string; readonly by?: string }>
}

/** A lane, and the turns that were heard while it lasted and ended it not: renewals, remarks, amendments. */
export type HeardLane = { readonly lane: Lane; readonly heard: ReadonlyArray<Turn> }

/** The lanes of a history, oldest first, each with what was heard in it; `now` is the end of the one that goes on. */
export const heardLanesOf = (turns: ReadonlyArray<Turn>, now: Time): ReadonlyArray<HeardLane> => {
  const stretches = stretchesOf(turns)
  const lanes = stretches.map(stretch => laneOf(stretch, now))
  return stretches
    .map(({ heard }, i) => ({ lane: withSuccessor(lanes[i] as Lane, lanes[i + 1]), heard }))
    .filter(({ lane }) => !isMerePassage(lane))
}

/** The lanes of a history, oldest first, `now` being the end of the one that goes on. */
export const lanesOf = (turns: ReadonlyArray<Turn>, now: Time): ReadonlyArray<Lane> =>
  heardLanesOf(turns, now).map(({ lane }) => lane)

/** How long the lanes of one name took together, in milliseconds. */
export const msIn = (lanes: ReadonlyArray<Lane>, name: Lane['lane']): number =>
  lanes.reduce((sum, { lane, ms }) => (lane === name ? sum + ms : sum), 0)

/** The turn that begins a lane, what was heard while it lasted, and the turn that ends it. */
type Stretch = {
  readonly lane: Lane['lane']
  readonly start: Turn
  readonly heard: Array<Turn>
  /** The last claim so far. */
  readonly claim: Claimed | undefined
  end?: { readonly turn: Turn; readonly as: LaneEnd }
}

const stretchesOf = (turns: ReadonlyArray<Turn>): ReadonlyArray<Stretch> => {
  const stretches: Array<Stretch> = []
  let open: Stretch | undefined
  let claim: Claimed | undefined
  for (const turn of turns) {
    const as = endBy(turn)
    if (open !== undefined && as === undefined) {
      open.heard.push(turn)
      continue
    }
    if (open !== undefined && as !== undefined) open.end = { turn, as }
    if (typeof turn.cause !== 'string' && turn.cause.event === 'claimed') claim = turn.cause
    open = turn.after === 'finished' ? undefined : { lane: turn.after, start: turn, heard: [], claim }
    if (open !== undefined) stretches.push(open)
  }
  return stretches
}

/** How `turn` ends the lane that is open; undefined: that goes on. */
const endBy = ({ cause, before }: Turn): LaneEnd | undefined => {
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

const laneOf = ({ lane, start, heard, claim, end }: Stretch, now: Time): Lane => {
  const running = lane === 'running' ? claim : undefined
  return defined({
    lane,
    from: start.time,
    until: end?.turn.time,
    ms: Math.max(0, msOf(end?.turn.time ?? now) - msOf(start.time)),
    attempt: running?.attempt,
    worker: running?.worker,
    token: running?.seq,
    ...beginning(start.cause),
    end: end?.as,
    ...(end === undefined ? {} : ending(end.turn.cause, running?.worker)),
    ...saidIn([start, ...heard]),
  })
}

const beginning = (cause: Turn['cause']): Pick<Lane, 'by' | 'reason' | 'retryAt'> => {
  if (typeof cause === 'string') return {}
  if (cause.event === 'held' || cause.event === 'retried') return { by: cause.by, reason: cause.reason }
  return cause.event === 'failed' ? { retryAt: cause.retryAt ?? undefined } : {}
}

const ending = (cause: Turn['cause'], worker: string | undefined): Pick<Lane, 'endedBy' | 'error' | 'endReason'> => {
  if (typeof cause === 'string') return {}
  const error = cause.event === 'failed' ? cause.error : undefined
  const who = whoEnded(cause)
  return {
    endedBy: who === worker || (error !== undefined && isLapseError(error)) ? undefined : who,
    error,
    endReason: reasonOfEnd(cause),
  }
}

/** By the sort of event, not by its fields: it may carry some of others that a newer version, or anybody, has put there. */
const whoEnded = (cause: Exclude<Turn['cause'], string>): string | undefined => {
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

const reasonOfEnd = (cause: Exclude<Turn['cause'], string>): string | undefined => {
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

const saidIn = (turns: ReadonlyArray<Turn>): Pick<Lane, 'progress' | 'notes'> => {
  const progress: Array<{ time: Time; progress: Json }> = []
  const notes: Array<{ time: Time; text: string; by?: string }> = []
  for (const { time, cause } of turns) {
    if (typeof cause === 'string') continue
    if (cause.event === 'renewed' && cause.progress !== undefined) progress.push({ time, progress: cause.progress })
    if (cause.event === 'noted') notes.push(defined({ time, text: cause.text, by: cause.by }))
  }
  return { progress: progress.length > 0 ? progress : undefined, notes: notes.length > 0 ? notes : undefined }
}

const withSuccessor = (lane: Lane, next: Lane | undefined): Lane =>
  lane.end === 'lapsed' && next?.end === 'claimed' && next.endedBy !== undefined
    ? { ...lane, takenOverBy: next.endedBy }
    : lane

/** Nothing was said and no time passed before the next lane began, which tells the rest. A lane that goes on stays. */
const isMerePassage = ({ lane, ms, end, notes, reason }: Lane): boolean =>
  (lane === 'waiting' || lane === 'retrying') &&
  ms === 0 &&
  notes === undefined &&
  reason === undefined &&
  (end === 'claimed' || end === 'renewed' || end === 'held')
