import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  toElapsedTime,
  emptyState,
  type Event,
  fold,
  laterTime,
  timeToMs,
  type Refusal,
  type State,
  type Time,
} from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'

/** A point in the history of a workspace: just after the event `seq`, or the log as it was at `time`. */
export type Moment = { readonly seq: number } | { readonly time: Time }

/** A past state, and the time that the clock is assumed to have shown then. */
export type Past = { readonly state: State; readonly now: Time }

/**
 * Returns the states at `points` (undefined: at the end), each folded separately from the first line of the log, in
 * one read. Refuses a point before the workspace was opened, and one that is in the future at `now`.
 */
export const pastsAt =
  (
    log: Pick<EventLog<Event>, 'read'>,
    moments: ReadonlyArray<Moment | undefined>,
    now: Time,
  ): TE.TaskEither<Refusal | ReadFailure, ReadonlyArray<Past>> =>
  async () => {
    const states = moments.map(() => emptyState())
    let end: Event | undefined
    let opened: Time | undefined
    const read = await log.read(0, events => {
      opened ??= events[0]?.time
      end = events.at(-1) ?? end
      moments.forEach((moment, i) => {
        states[i] = fold(states[i] as State, until(events, moment))
      })
    })()
    return pipe(
      read,
      E.chainW(() => checkMoments(moments, opened, end, now)),
      E.map(() => states.map((state, i) => ({ state, now: nowAt(state, moments[i]) }))),
    )
  }

const checkMoments = (
  moments: ReadonlyArray<Moment | undefined>,
  opened: Time | undefined,
  end: Event | undefined,
  now: Time,
): E.Either<Refusal, void> => {
  if (opened === undefined || end === undefined) return E.left({ error: 'no_workspace' })
  for (const moment of moments) {
    const detail = moment === undefined ? undefined : impossible(moment, opened, end, now)
    if (detail !== undefined) return E.left({ error: 'bad_input', detail })
  }
  return E.right(undefined)
}

/** A given time is a wall-clock time. */
const nowAt = ({ time, clock }: State, moment: Moment | undefined): Time =>
  moment !== undefined && 'time' in moment ? toElapsedTime(time, clock, timeToMs(moment.time)) : time

/** The events up to a point in time; they are ordered by both seq and time. */
const until = (events: ReadonlyArray<Event>, moment: Moment | undefined): ReadonlyArray<Event> => {
  if (moment === undefined) return events
  const isPast =
    'seq' in moment ? (event: Event) => event.seq <= moment.seq : (event: Event) => event.time <= moment.time
  const last = events.at(-1)
  return last === undefined || isPast(last) ? events : events.filter(isPast)
}

const impossible = (moment: Moment, opened: Time, end: Event, now: Time): string | undefined => {
  if ('seq' in moment) {
    if (moment.seq < 1) return 'the first event is seq 1'
    return moment.seq > end.seq ? `the log ends at seq ${end.seq}, before seq ${moment.seq}` : undefined
  }
  if (moment.time < opened) return `the workspace was opened at ${opened}, after ${moment.time}`
  return moment.time > laterTime(now, end.time) ? `${moment.time} is in the future` : undefined
}
