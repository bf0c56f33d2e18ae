import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  toAcceptingState,
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
export type PointInTime = { readonly seq: number } | { readonly time: Time }

/** A past state, and the time that the clock is assumed to have shown then. */
export type PastState = { readonly state: State; readonly now: Time }

/**
 * Returns the states at `points` (undefined: at the end), each folded separately from the first line of the log, in
 * one read. Refuses a point before the workspace was opened, and one that is in the future. `now` is called once the
 * log has answered. A past state is that of the log that had these events then, so it accepts commands.
 */
export const readPastStates =
  (
    log: Pick<EventLog<Event>, 'read'>,
    points: ReadonlyArray<PointInTime | undefined>,
    now: () => Time,
  ): TE.TaskEither<Refusal | ReadFailure, ReadonlyArray<PastState>> =>
  async () => {
    const states = points.map(() => emptyState())
    let lastEvent: Event | undefined
    let openedAt: Time | undefined
    const read = await log.read(0, events => {
      openedAt ??= events[0]?.time
      lastEvent = events.at(-1) ?? lastEvent
      points.forEach((point, i) => {
        states[i] = fold(states[i] as State, filterEvents(events, point))
      })
    })()
    return pipe(
      read,
      E.chainW(() => validatePoints(points, openedAt, lastEvent, now())),
      E.map(() => states.map((state, i) => ({ state: toAcceptingState(state), now: pastNow(state, points[i]) }))),
    )
  }

const validatePoints = (
  points: ReadonlyArray<PointInTime | undefined>,
  openedAt: Time | undefined,
  lastEvent: Event | undefined,
  now: Time,
): E.Either<Refusal, void> => {
  if (openedAt === undefined || lastEvent === undefined) return E.left({ error: 'no_workspace' })
  for (const point of points) {
    const detail = point === undefined ? undefined : explainInvalidPoint(point, openedAt, lastEvent, now)
    if (detail !== undefined) return E.left({ error: 'bad_input', detail })
  }
  return E.right(undefined)
}

/** A given time is a wall-clock time. */
const pastNow = ({ time, clock }: State, point: PointInTime | undefined): Time =>
  point !== undefined && 'time' in point ? toElapsedTime(time, clock, timeToMs(point.time)) : time

/** The events up to a point in time; they are ordered by both seq and time. */
const filterEvents = (events: ReadonlyArray<Event>, point: PointInTime | undefined): ReadonlyArray<Event> => {
  if (point === undefined) return events
  const isPast = 'seq' in point ? (event: Event) => event.seq <= point.seq : (event: Event) => event.time <= point.time
  const last = events.at(-1)
  return last === undefined || isPast(last) ? events : events.filter(isPast)
}

const explainInvalidPoint = (point: PointInTime, openedAt: Time, lastEvent: Event, now: Time): string | undefined => {
  if ('seq' in point) {
    if (point.seq < 1) return 'the first event is seq 1'
    return point.seq > lastEvent.seq ? `the log ends at seq ${lastEvent.seq}, before seq ${point.seq}` : undefined
  }
  if (point.time < openedAt) return `the workspace was opened at ${openedAt}, after ${point.time}`
  return point.time > laterTime(now, lastEvent.time) ? `${point.time} is in the future` : undefined
}
